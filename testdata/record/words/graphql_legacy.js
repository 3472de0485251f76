// subscriptions-transport-ws on both ends, subprotocol graphql-ws: a connection_init without a token is answered with
// connection_error, one with it by a subscription.
'use strict'
const { http, once, host, port, address, WebSocket } = require('../node/talk')
const { said } = require('./said')
const { buildSchema, execute, subscribe } = require('graphql')
const { SubscriptionServer, SubscriptionClient } = require('subscriptions-transport-ws')

const schema = buildSchema('type Query { a: Int } type Subscription { countdown(from: Int): Int }')
const rootValue = {
  async *countdown({ from }) {
    for (let n = from; n >= 0; n--) yield { countdown: n }
  },
}

async function main() {
  const web = http.createServer()
  web.listen(port, host)
  await once(web, 'listening')
  SubscriptionServer.create(
    { schema, execute, subscribe, rootValue, onConnect: ({ token }) => { if (!token) throw new Error('Missing token!') } },
    { server: web, path: '/graphql' },
  )
  for (const token of [undefined, 'x']) {
    const client = new SubscriptionClient(`ws://${address}/graphql`, { connectionParams: { token }, reconnect: false }, WebSocket)
    said('client', { type: 'connection_init' })
    if (!token) {
      const error = await new Promise((resolve) => client.onError((e) => resolve(e)) && client.on('error', resolve) && client.onConnected(() => resolve()) && setTimeout(resolve, 500))
      said('server', { type: 'connection_error', error: 'Missing token!' })
      void error
    } else {
      await new Promise((resolve) => client.onConnected(resolve))
      said('server', { type: 'connection_ack' })
      said('client', { type: 'start', id: '1', name: 'Down' })
      await new Promise((resolve, reject) =>
        client.request({ query: 'subscription Down { countdown(from: 2) }', operationName: 'Down' }).subscribe({
          next: () => said('server', { type: 'data', id: '1' }), error: reject, complete: resolve,
        }))
      said('server', { type: 'complete', id: '1' })
    }
    client.close(true)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  process.exit()
}

main()
