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

# quic_chromium PAGE [NAME=VALUE...] records Chromium, which opens a page of the peer.
quic_chromium() {
  local page=$1 server browser
  shift
  (cd "$record/quic/peer" && go build -o "$work/peer" .)
  capture -i lo udp
  "$work/peer" client=no heard=yes page="$page" spki="$work/spki" "$@" &
  server=$!
  until [ -s "$work/spki" ]; do sleep 0.02; done
  # Of the certificate only the digest of its key is trusted: over QUIC Chromium ignores no other errors.
  HOME=$work chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update --disable-sync \
    --enable-quic --origin-to-force-quic-on=127.0.0.1:8443 --enable-features=EnableWebsocketsOverHttp3 --ignore-certificate-errors-spki-list="$(cat "$work/spki")" \
    --ssl-key-log-file="$keys" --user-data-dir="$work/chromium" https://127.0.0.1:8443/page >"$work/browser.log" 2>&1 &
  browser=$!
  wait $server || { cat "$work/browser.log" >&2; kill $browser; exit 1; }
  kill $browser
  wait $browser || true
  chmod 644 "$keys"
}
