. "$record/quic/peers.sh"
shows 'The server breaks the stream off with H3_INTERNAL_ERROR.'
quic_peer end=abort
