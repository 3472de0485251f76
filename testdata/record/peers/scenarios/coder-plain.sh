. "$record/peers/peers.sh"
shows 'coder/websocket on both ends with a subprotocol and no extension.'
go_peers github.com/coder/websocket coder plain
