. "$record/peers/peers.sh"
shows 'coder/websocket on both ends with permessage-deflate without context takeover; short messages stay uncompressed.'
go_peers github.com/coder/websocket coder no-takeover
