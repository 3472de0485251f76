. "$record/words/peers.sh"
software_npm autobahn
software nexus "$(cd "$record/peers" && go list -m -f '{{.Version}}' github.com/gammazero/nexus/v3)"
shows 'autobahn-js against the WAMP router nexus, in msgpack: ABORT for an unknown realm; then a subscription, a publication, calls, one of them without a procedure.'
words_server nexus
words_peers wamp msgpack
kill "$server"
