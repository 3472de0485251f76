. "$record/quic/peers.sh"
shows 'Two WebSockets with permessage-deflate without context takeover.'
quic_peer deflate=yes sockets=2
