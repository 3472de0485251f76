. "$record/node/peers.sh"
shows 'Compressed and plain messages in fragments with pings between them, and compressed messages that end with an empty final fragment.'
node_peers fragments
