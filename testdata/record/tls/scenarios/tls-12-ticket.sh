. "$record/tls/node.sh"
shows 'Three TLS 1.2 connections; the later ones resume the session of the first by its ticket.'
node_wss rsa version=TLSv1.2 sessions=3
