. "$record/quic/peers.sh"
shows 'The client goes on from another port (RFC 9000 §9) in the middle of a WebSocket.'
quic_peer migrate=yes
