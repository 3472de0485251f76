. "$record/tls/node.sh"
shows 'The same with AES-128-CBC and HMAC-SHA1, encrypt-then-MAC and extended master secret.'
node_wss rsa version=TLSv1.2 ciphers=ECDHE-RSA-AES128-SHA
