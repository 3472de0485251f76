. "$record/tls/peers.sh"
shows 'A WebSocket over TLS through a tunnel that an HTTP proxy on port 8080 opens with CONNECT: the same TLS records in the tunnel and from the proxy to the server on port 8443.'
software_node
software_npm ws
make_certificate
node "$record/tls/connect.js" &
node "$record/tls/echo.js" &
listening 8080 8443
capture
timeout 20 node "$record/tls/tunnelled.js"
