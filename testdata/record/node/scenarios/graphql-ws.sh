. "$record/node/peers.sh"
software_npm graphql-ws
shows 'A query and a subscription of graphql-ws in subprotocol graphql-transport-ws.'
node_peers graphql
