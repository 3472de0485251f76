. "$record/node/peers.sh"
shows 'Three seconds of silence, then the server closes with 1001.'
node_peers closings idle
