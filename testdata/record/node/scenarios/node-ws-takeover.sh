. "$record/node/peers.sh"
shows 'permessage-deflate with context takeover in both directions.'
node_peers ws takeover
