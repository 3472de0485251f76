. "$record/python/peers.sh"
shows 'tornado on both ends without an extension.'
python_peers tornado tornado_peers plain
