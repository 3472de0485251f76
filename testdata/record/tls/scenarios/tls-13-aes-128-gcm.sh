. "$record/tls/node.sh"
shows 'A page over HTTPS and a WebSocket on the same connection; TLS 1.3 with AES-128-GCM.'
node_wss rsa version=TLSv1.3 ciphers=TLS_AES_128_GCM_SHA256
