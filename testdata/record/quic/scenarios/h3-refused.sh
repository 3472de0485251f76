. "$record/quic/peers.sh"
shows 'The server refuses with 403 and says why.'
quic_peer end=refuse
