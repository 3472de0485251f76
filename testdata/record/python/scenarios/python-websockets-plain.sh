. "$record/python/peers.sh"
shows 'Python websockets on both ends without an extension.'
python_peers websockets websockets_peers plain
