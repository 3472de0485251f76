. "$record/python/peers.sh"
shows 'aiohttp on both ends with permessage-deflate.'
python_peers aiohttp aiohttp_peers deflate
