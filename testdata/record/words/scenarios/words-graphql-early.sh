. "$record/words/peers.sh"
software_npm graphql-ws
shows 'A subscribe before the connection_ack: graphql-ws closes with 4401.'
words_peers graphql_early
