// A client of graphql-transport-ws that subscribes before the connection_ack: the library graphql-ws closes with 4401.
'use strict'
const { once, WebSocket, address, listen } = require('../node/talk')
const { said } = require('./said')
const { buildSchema } = require('graphql')
const { useServer } = require('graphql-ws/use/ws')

async function main() {
  const server = await listen({ path: '/graphql' })
  useServer({ schema: buildSchema('type Query { greeting: String }') }, server)
  const client = new WebSocket(`ws://${address}/graphql`, 'graphql-transport-ws')
  await once(client, 'open')
  said('client', { type: 'subscribe', id: '1', name: '{ greeting }' })
  client.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: '{ greeting }' } }))
  await once(client, 'close')
  server.close()
}

main()
