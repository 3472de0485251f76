. "$record/node/peers.sh"
shows 'permessage-deflate with windows of 1024 bytes (10 bits) in both directions and messages far larger.'
node_peers ws window-10
