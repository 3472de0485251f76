. "$record/node/peers.sh"
shows 'A hand-made client sends a message after its Close frame.'
node_peers closings data-after-close
