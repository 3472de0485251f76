. "$record/peers/peers.sh"
shows 'coder/websocket on both ends with permessage-deflate and context takeover; short messages stay uncompressed.'
go_peers github.com/coder/websocket coder takeover
