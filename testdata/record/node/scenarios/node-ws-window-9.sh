. "$record/node/peers.sh"
shows 'permessage-deflate with windows of 512 bytes (9 bits) in both directions and messages far larger.'
node_peers ws window-9
