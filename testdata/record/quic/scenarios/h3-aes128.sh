. "$record/quic/peers.sh"
shows 'A request and a WebSocket over HTTP/3 (RFC 9220) between quic-go on both ends, AES-128-GCM.'
quic_peer suite=aes128
