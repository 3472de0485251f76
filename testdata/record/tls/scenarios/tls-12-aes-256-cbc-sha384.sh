. "$record/tls/node.sh"
shows 'The same with AES-256-CBC and HMAC-SHA384, encrypt-then-MAC.'
node_wss rsa version=TLSv1.2 ciphers=ECDHE-RSA-AES256-SHA384
