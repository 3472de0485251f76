. "$record/words/peers.sh"
software_npm @microsoft/signalr
software signalr-go "$(cd "$record/peers" && go list -m -f '{{.Version}}' github.com/philippseith/signalr)"
shows '@microsoft/signalr against the hub of the Go library signalr: an invocation, one that fails, a stream, a message from the server.'
words_server signalr
words_peers signalr
kill "$server"
