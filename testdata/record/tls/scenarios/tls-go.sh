. "$record/tls/peers.sh"
. "$record/peers/peers.sh"
shows 'gorilla/websocket over the TLS of Go on both ends; the client logs the secrets.'
make_certificate ec
go_peers github.com/gorilla/websocket gorilla tls
