. "$record/tls/node.sh"
shows 'TLS 1.2 with RSA key exchange and without extended master secret, AES-128-CBC with HMAC-SHA1; the key log has the pre-master secret only.'
node_wss rsa version=TLSv1.2 ciphers=AES128-SHA options=1 log=premaster
