. "$record/tls/peers.sh"
. "$record/python/peers.sh"
shows 'Python websockets on both ends of TLS on port 8765; the client logs the secrets.'
make_certificate
python_peers websockets websockets_peers deflate wss
