. "$record/tls/node.sh"
shows 'The same with ChaCha20-Poly1305.'
node_wss ec version=TLSv1.2 ciphers=ECDHE-ECDSA-CHACHA20-POLY1305
