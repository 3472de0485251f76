. "$record/python/peers.sh"
shows 'Python websockets on both ends with the permessage-deflate it negotiates by default.'
python_peers websockets websockets_peers deflate
