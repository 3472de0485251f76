. "$record/node/peers.sh"
shows 'permessage-deflate; the server demands client_no_context_takeover and keeps its own context.'
node_peers ws client-no-takeover
