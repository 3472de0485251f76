. "$record/h2/peers.sh"
shows 'A server refuses WebSockets on HTTP/2 with 403, with 404 and by RST_STREAM, and takes one.'
server
capture
client paths=/403,/404,/reset,/echo
