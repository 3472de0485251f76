. "$record/node/peers.sh"
shows 'A hand-made client sends a text message in Latin-1, and the server closes with 1007.'
node_peers closings not-utf8
