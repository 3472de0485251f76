. "$record/node/peers.sh"
shows 'The 101 and the first three frames of the server are in one segment.'
node_peers beginnings server-speaks-at-once
