. "$record/node/peers.sh"
shows 'permessage-deflate without context takeover in either direction.'
node_peers ws no-takeover
