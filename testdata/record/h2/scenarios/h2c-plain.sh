. "$record/h2/peers.sh"
shows 'HTTP/2 without TLS: two WebSockets without extensions on one connection of Node.'
server sockets=2
capture
client paths=/echo,/echo
