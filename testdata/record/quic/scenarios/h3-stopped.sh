. "$record/quic/peers.sh"
shows 'The client sends STOP_SENDING only, which the server answers with RESET_STREAM; then the connection is closed.'
quic_peer end=stop
