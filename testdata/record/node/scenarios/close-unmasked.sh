. "$record/node/peers.sh"
shows 'A hand-made client sends an unmasked frame, and the server closes with 1002.'
node_peers closings unmasked
