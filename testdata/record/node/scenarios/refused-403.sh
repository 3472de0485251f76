. "$record/node/peers.sh"
shows 'ws refuses an upgrade because of its Origin.'
node_peers refusals 403
