. "$record/tls/node.sh"
shows 'The same with ChaCha20-Poly1305.'
node_wss ec version=TLSv1.3 ciphers=TLS_CHACHA20_POLY1305_SHA256
