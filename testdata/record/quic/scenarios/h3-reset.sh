. "$record/quic/peers.sh"
shows 'The client breaks the stream off with RESET_STREAM and STOP_SENDING.'
quic_peer end=reset
