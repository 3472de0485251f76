. "$record/node/peers.sh"
shows 'Twenty connections, each closed by the client or the server with another code and reason, from an empty body to a reason of 123 bytes.'
node_peers closings codes
