. "$record/words/peers.sh"
software_npm rpc-websockets
shows 'rpc-websockets on both ends: JSON-RPC requests, one without a method, and a notification.'
words_peers jsonrpc
