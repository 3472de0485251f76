. "$record/h2/peers.sh"
shows 'A client begins HTTP/2 and then writes an upgrade request of HTTP/1.1 into it.'
server
capture
raw http1-inside
