. "$record/node/peers.sh"
shows 'A hand-made client sends its first frame in the segment of the request, before the 101.'
node_peers beginnings client-speaks-at-once
