. "$record/tls/node.sh"
shows 'The same with AES-256-GCM and SHA-384.'
node_wss rsa version=TLSv1.3 ciphers=TLS_AES_256_GCM_SHA384
