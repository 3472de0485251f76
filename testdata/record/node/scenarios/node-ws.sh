. "$record/node/peers.sh"
shows 'A clean uncompressed conversation: text and binary at the edges of the three frame length forms, a ping from each side, close 1000.'
node_peers ws plain
