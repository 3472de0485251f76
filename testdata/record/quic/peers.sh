# WebSockets over HTTP/3 with quic-go on both ends, on UDP port 8443.
export truth keys
software go "$(go env GOVERSION | sed 's/^go//')"
for module in github.com/quic-go/quic-go github.com/gobwas/ws; do
  software "$module" "$(cd "$record/quic/peer" && go list -m -f '{{.Version}}' "$module")"
done

# quic_peer OPTION... builds the peer, whose modules run has downloaded, and records it.
quic_peer() {
  (cd "$record/quic/peer" && go build -o "$work/peer" .)
  capture -i lo udp
  timeout 30 "$work/peer" "$@"
}
