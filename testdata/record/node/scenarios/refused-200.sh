. "$record/node/peers.sh"
shows 'A web server answers the upgrade with 200 and an HTML page.'
node_peers refusals 200
