. "$record/words/peers.sh"
software_npm socket.io
software_npm socket.io-client
shows 'socket.io over WebSocket alone: events, an acknowledgement, binary; the namespaces /admin and /nowhere are refused with CONNECT_ERROR.'
words_peers socketio
