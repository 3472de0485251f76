. "$record/words/peers.sh"
software_npm subscriptions-transport-ws
shows 'subscriptions-transport-ws, subprotocol graphql-ws: connection_error for a client without a token; then a subscription.'
words_peers graphql_legacy
