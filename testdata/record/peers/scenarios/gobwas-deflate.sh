. "$record/peers/peers.sh"
shows 'gobwas/ws on both ends with permessage-deflate, which it does without context takeover.'
go_peers github.com/gobwas/ws gobwas deflate
