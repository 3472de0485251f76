. "$record/tls/node.sh"
shows 'The server asks for another ClientHello (HelloRetryRequest), since it does not take the group of the key share.'
node_wss rsa version=TLSv1.3 curves=P-384,X25519:P-384
