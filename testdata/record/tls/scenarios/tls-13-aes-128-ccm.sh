. "$record/tls/node.sh"
shows 'The same with AES-128-CCM.'
node_wss ec version=TLSv1.3 ciphers=TLS_AES_128_CCM_SHA256
