. "$record/node/peers.sh"
software_npm socket.io
shows 'A client asks socket.io for a session it does not know, by polling and by an upgrade, and is told 400 twice.'
node_peers engineio_session
