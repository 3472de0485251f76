// tunnelled.js: a ws client of the server on port 8443 through the proxy on port 8080. It says three things, hears them back and closes.
'use strict'
const http = require('node:http')
const { once } = require('node:events')
const tls = require('node:tls')
const WebSocket = require('ws')
require('../node/truth')
const { json } = require('../node/messages')

async function main() {
  const [, tunnel] = await once(http.request({ port: 8080, host: '127.0.0.1', method: 'CONNECT', path: 'ws.example:8443' }).end(), 'connect')
  const createConnection = () => tls.connect({ socket: tunnel, servername: 'ws.example', rejectUnauthorized: false })
  const client = new WebSocket('wss://ws.example:8443/feed', { createConnection, perMessageDeflate: false })
  await once(client, 'open')
  for (const message of ['hello', json(3000, 1), 'bye']) {
    const heard = once(client, 'message')
    client.send(message)
    await heard
  }
  client.close(1000)
}

main()
