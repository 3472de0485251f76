. "$record/words/peers.sh"
software_npm jssip
software_npm sip
shows 'JsSIP against the server sip, SIP over WebSocket: a registration, a message that is taken, one to somebody unknown.'
words_peers sip
