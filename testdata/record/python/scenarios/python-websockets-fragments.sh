. "$record/python/peers.sh"
shows 'Python websockets on both ends with permessage-deflate; the client sends every larger message in compressed fragments.'
python_peers websockets websockets_peers fragments
