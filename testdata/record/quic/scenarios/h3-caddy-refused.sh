. "$record/quic/peers.sh"
. "$record/quic/translate.sh"
shows 'The backend behind Caddy refuses with 404, and Caddy passes it on over HTTP/3.'
backend path=/nothing
caddy_translates
translated_peer sockets=2
