. "$record/words/peers.sh"
software_npm phoenix
shows 'The client of Phoenix against a server of ours that speaks its channels: joins, one of them refused, pushes, a broadcast, binary data, a heartbeat, leaving.'
words_peers phoenix
