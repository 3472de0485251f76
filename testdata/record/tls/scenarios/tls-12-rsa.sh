. "$record/tls/node.sh"
shows 'TLS 1.2 with RSA key exchange and extended master secret, AES-256-GCM with SHA-384; the key log has the pre-master secret only.'
node_wss rsa version=TLSv1.2 ciphers=AES256-GCM-SHA384 log=premaster
