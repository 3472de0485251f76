. "$record/node/peers.sh"
shows 'A hand-made client answers none of three pings, and the server gives up without a Close frame.'
node_peers closings ping-unanswered
