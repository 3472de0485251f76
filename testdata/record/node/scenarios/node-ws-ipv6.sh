. "$record/node/peers.sh"
shows 'ws on both ends with permessage-deflate over IPv6.'
export HOST=::1
node_peers ws takeover
