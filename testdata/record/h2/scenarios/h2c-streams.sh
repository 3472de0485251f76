. "$record/h2/peers.sh"
shows 'HTTP/2 without TLS from its preface on: three WebSockets with permessage-deflate on one connection of Node, interleaved, with ordinary requests between.'
server deflate=yes sockets=3
capture
client deflate=yes
