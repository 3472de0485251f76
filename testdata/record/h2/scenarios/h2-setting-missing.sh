. "$record/h2/peers.sh"
shows 'A client asks for a WebSocket on HTTP/2 though the server never allowed it: no SETTINGS_ENABLE_CONNECT_PROTOCOL.'
server connect=no
capture
raw too-early
