. "$record/tls/node.sh"
shows 'The same with AES-256-CCM and tags of eight octets.'
node_wss ec version=TLSv1.2 ciphers=ECDHE-ECDSA-AES256-CCM8:@SECLEVEL=0
