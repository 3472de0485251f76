. "$record/tls/node.sh"
shows 'The same with AES-256-GCM, whose PRF is SHA-384.'
node_wss rsa version=TLSv1.2 ciphers=ECDHE-RSA-AES256-GCM-SHA384
