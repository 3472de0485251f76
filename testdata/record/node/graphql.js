// graphql-ws on both ends, subprotocol graphql-transport-ws: a query and a subscription.
'use strict'
const { once, WebSocket, address, listen } = require('./talk')
const { GraphQLObjectType, GraphQLSchema, GraphQLString, GraphQLInt } = require('graphql')
const { createClient } = require('graphql-ws')
const { useServer } = require('graphql-ws/use/ws')

const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { greeting: { type: GraphQLString, resolve: () => 'Grüezi' } } }),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: {
      countdown: {
        type: GraphQLInt,
        args: { from: { type: GraphQLInt } },
        async *subscribe(_, { from }) {
          for (let n = from; n >= 0; n--) yield { countdown: n }
        },
      },
    },
  }),
})

async function main() {
  const server = await listen({ path: '/graphql' })
  useServer({ schema }, server)
  const closed = once(server, 'connection').then(([ws]) => once(ws, 'close'))
  const client = createClient({ url: `ws://${address}/graphql`, webSocketImpl: WebSocket, lazy: false })
  for (const query of ['{ greeting }', 'subscription { countdown(from: 5) }']) {
    for await (const _ of client.iterate({ query }));
  }
  await client.dispose()
  await closed
  server.close()
}

main()
