. "$record/tls/node.sh"
shows 'The same with AES-128-CCM.'
node_wss ec version=TLSv1.2 ciphers=ECDHE-ECDSA-AES128-CCM
