. "$record/peers/peers.sh"
shows 'gobwas/ws on both ends; its writer sends a message longer than its buffer as one long fragment and an empty final one.'
go_peers github.com/gobwas/ws gobwas fragments
