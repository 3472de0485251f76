. "$record/quic/peers.sh"
. "$record/quic/translate.sh"
shows 'The client resets the stream of HTTP/3 in front of Caddy, which closes its connection to the backend.'
backend
caddy_translates
translated_peer end=reset
