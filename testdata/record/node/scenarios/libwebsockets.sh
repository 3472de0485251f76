. "$record/node/peers.sh"
software libwebsockets "$(dpkg-query -W -f '${Version}' libwebsockets-test-server)"
shows 'ws talks to the libwebsockets test server on port 7681 in two of its subprotocols, one connection each.'
libwebsockets-test-server --port=7681 >"$work/libwebsockets.log" 2>&1 &
listening 7681
node_peers lws
