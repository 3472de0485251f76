. "$record/h2/peers.sh"
shows 'An extended CONNECT without :path.'
server
capture
raw pseudo-fields
