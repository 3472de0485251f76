. "$record/quic/peers.sh"
shows 'Two connections; the second resumes the first and asks for its WebSocket in 0-RTT, whose secret Go never writes into a key log.'
quic_peer connections=2 resume=yes
