. "$record/peers/peers.sh"
shows 'gorilla/websocket on both ends with permessage-deflate, which it does without context takeover.'
go_peers github.com/gorilla/websocket gorilla deflate
