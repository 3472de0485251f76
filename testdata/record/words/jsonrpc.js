// rpc-websockets on both ends: calls that are answered and refused, and notifications.
'use strict'
const { once } = require('node:events')
const { said } = require('./said')
const { Client, Server } = require('rpc-websockets')

async function main() {
  const server = new Server({ port: 8080, host: '127.0.0.1' })
  await once(server, 'listening')
  server.register('sum', ([a, b]) => a + b)
  server.event('updated')
  const client = new Client('ws://127.0.0.1:8080')
  await once(client, 'open')
  const call = async (method, params) => {
    said('client', { type: 'request', name: method })
    await client.call(method, params).then(
      () => said('server', { type: 'response' }),
      (e) => said('server', { type: 'error', error: e.message }),
    )
  }
  await call('sum', [5, 3])
  await call('missing', [1])
  said('client', { type: 'notification', name: 'openedNewsModule' })
  await client.notify('openedNewsModule')
  await new Promise((resolve) => setTimeout(resolve, 100))
  client.close()
  await new Promise((resolve) => setTimeout(resolve, 100))
  await server.close()
}

main().then(() => process.exit())
