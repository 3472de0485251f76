. "$record/node/peers.sh"
shows 'Two plain requests and then the upgrade on the same TCP connection.'
node_peers beginnings keep-alive
