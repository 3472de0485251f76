. "$record/tls/node.sh"
shows 'Three TLS 1.2 connections; the later ones resume the session of the first by its id.'
node_wss rsa version=TLSv1.2 options=0x4000 sessions=3
