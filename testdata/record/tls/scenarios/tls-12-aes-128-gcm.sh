. "$record/tls/node.sh"
shows 'A page over HTTPS and a WebSocket on the same connection; TLS 1.2 with AES-128-GCM.'
node_wss rsa version=TLSv1.2 ciphers=ECDHE-RSA-AES128-GCM-SHA256
