# A proxy on port 8443, TCP and UDP, that speaks HTTP/3 in front and HTTP/1.1 to the backend on port 9000. It must be in
# PATH: HAProxy from 3.0 on with QUIC, as Debian sid has it.
. "$record/proxies/peers.sh"
. "$record/tls/peers.sh"
make_certificate ec
cat "$certificate.pem" "$certificate.key" >"$certificate.all.pem"

# ready waits until something listens on UDP port 8443.
ready() { timeout 60 bash -c "until ss -Hunl 'sport = :8443' | grep -q .; do sleep 0.02; done"; }

# haproxy_translates starts HAProxy, which allows no WebSocket over HTTP/3.
haproxy_translates() {
  software haproxy "$(haproxy -v | awk 'NR == 1 { print $3 }')"
  cat >"$work/haproxy.cfg" <<CFG
global
  tune.quic.socket-owner listener
defaults
  mode http
  timeout connect 2s
  timeout client 10s
  timeout server 10s
  timeout tunnel 1h
frontend websocket
  bind 127.0.0.1:8443 ssl crt $certificate.all.pem alpn h2,http/1.1
  bind quic4@127.0.0.1:8443 ssl crt $certificate.all.pem alpn h3
  default_backend node
backend node
  server node 127.0.0.1:9000
CFG
  haproxy -db -f "$work/haproxy.cfg" >"$work/haproxy.log" 2>&1 &
  listening 8443
  ready
}

# translated_peer OPTION... records the client of quic-go.
translated_peer() {
  (cd "$record/quic/peer" && go build -o "$work/peer" .)
  capture -i lo tcp or udp
  timeout 30 "$work/peer" server=no "$@" || true
}
