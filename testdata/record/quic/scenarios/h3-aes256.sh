. "$record/quic/peers.sh"
shows 'The same with AES-256-GCM and SHA-384.'
quic_peer suite=aes256
