. "$record/h2/peers.sh"
shows 'A client asks for a WebSocket on HTTP/2 before the SETTINGS of the server, which allow it.'
server
capture
raw too-early
