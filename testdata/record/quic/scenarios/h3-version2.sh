. "$record/quic/peers.sh"
shows 'The same with QUIC version 2 (RFC 9369), three WebSockets at a time.'
quic_peer version=2 sockets=3
