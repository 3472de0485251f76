. "$record/node/peers.sh"
shows 'ws answers an upgrade of version 99 with 400 and Sec-WebSocket-Version.'
node_peers refusals version
