. "$record/node/peers.sh"
shows 'A web server answers the upgrade with 401 and WWW-Authenticate.'
node_peers refusals 401
