. "$record/quic/peers.sh"
shows 'A long WebSocket, during which both sides update their keys.'
quic_peer messages=16 longest=60
