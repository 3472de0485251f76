. "$record/node/peers.sh"
shows 'The client ends the TCP connection without a Close frame.'
node_peers closings client-terminate
