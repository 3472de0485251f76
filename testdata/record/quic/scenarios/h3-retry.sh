. "$record/quic/peers.sh"
shows 'The server validates the address of the client by Retry; two Initials bring two of them.'
quic_peer retry=yes
