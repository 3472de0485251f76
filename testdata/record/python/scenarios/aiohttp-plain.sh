. "$record/python/peers.sh"
shows 'aiohttp on both ends; the client offers no extension.'
python_peers aiohttp aiohttp_peers plain
