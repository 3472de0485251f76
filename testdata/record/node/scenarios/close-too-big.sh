. "$record/node/peers.sh"
shows 'The client sends a message of 2000 bytes to a server that takes 1000, which closes with 1009.'
node_peers closings too-big
