. "$record/node/peers.sh"
shows 'The server ends the TCP connection without a Close frame.'
node_peers closings terminate
