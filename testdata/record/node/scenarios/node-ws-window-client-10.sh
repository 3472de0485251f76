. "$record/node/peers.sh"
shows 'permessage-deflate with server_max_window_bits=15 and client_max_window_bits=10.'
node_peers ws window-server-15-client-10
