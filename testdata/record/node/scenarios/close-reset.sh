. "$record/node/peers.sh"
shows 'The server resets the TCP connection without a Close frame.'
node_peers closings reset
