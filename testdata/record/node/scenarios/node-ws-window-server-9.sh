. "$record/node/peers.sh"
shows 'permessage-deflate with server_max_window_bits=9 and client_max_window_bits=15.'
node_peers ws window-server-9-client-15
