. "$record/h2/peers.sh"
shows 'The upgrade of RFC 6455 tried inside HTTP/2: Node answers a GET with connection and upgrade fields by RST_STREAM.'
server
capture
raw upgrade-fields
