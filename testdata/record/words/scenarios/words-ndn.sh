. "$record/words/peers.sh"
software_npm @ndn/ws-transport
shows 'NDNts on both ends: Interests with their Data, one that nobody answers, and one that is refused with a Nack.'
words_peers ndn
