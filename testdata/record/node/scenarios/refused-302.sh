. "$record/node/peers.sh"
shows 'A web server answers the upgrade with a redirect to a login page.'
node_peers refusals 302
