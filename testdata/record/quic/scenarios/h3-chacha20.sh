. "$record/quic/peers.sh"
shows 'The same with ChaCha20-Poly1305.'
quic_peer suite=chacha
