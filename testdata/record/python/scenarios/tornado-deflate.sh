. "$record/python/peers.sh"
shows 'tornado on both ends with permessage-deflate.'
python_peers tornado tornado_peers deflate
