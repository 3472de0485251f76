. "$record/h2/peers.sh"
shows 'An extended CONNECT for a protocol that nobody knows.'
server
capture
raw unknown-protocol
