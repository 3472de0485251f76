. "$record/node/peers.sh"
software_npm socket.io
software_npm socket.io-client
shows 'socket.io begins with HTTP long polling and upgrades to a WebSocket with permessage-deflate beside it.'
node_peers socketio
