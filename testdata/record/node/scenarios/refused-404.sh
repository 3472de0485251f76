. "$record/node/peers.sh"
shows 'A web server has no page where the client wants a WebSocket.'
node_peers refusals 404
