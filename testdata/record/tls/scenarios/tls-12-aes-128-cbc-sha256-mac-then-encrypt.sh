. "$record/tls/node.sh"
shows 'The same with AES-128-CBC and HMAC-SHA256 without encrypt-then-MAC, RSA key exchange.'
node_wss rsa version=TLSv1.2 ciphers=AES128-SHA256 options=0x80000
