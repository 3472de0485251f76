. "$record/peers/peers.sh"
shows 'gorilla/websocket on both ends without an extension.'
go_peers github.com/gorilla/websocket gorilla plain
