. "$record/node/peers.sh"
shows 'permessage-deflate; the client asks for server_no_context_takeover and gets it, the client keeps its own context.'
node_peers ws server-no-takeover
