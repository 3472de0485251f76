. "$record/tls/node.sh"
shows 'Three TLS 1.3 connections; the later ones resume the session before by a pre-shared key.'
node_wss rsa version=TLSv1.3 sessions=3
