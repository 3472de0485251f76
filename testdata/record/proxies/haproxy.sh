# HAProxy on port 8080 in mode http, without health checks: what is on the wire was asked for by a client.
. "$record/proxies/peers.sh"
software haproxy "$(haproxy -v | awk 'NR == 1 { print $3 }')"

# haproxy_frontend LINES starts HAProxy with the given lines in its frontend section; $tunnel_timeout and
# $haproxy_server, more words of the server line, may be set before.
haproxy_frontend() {
  cat >"$work/haproxy.cfg" <<CFG
defaults
  mode http
  timeout connect 2s
  timeout client 10s
  timeout server 10s
  timeout tunnel ${tunnel_timeout-1h}

frontend websocket
  bind 127.0.0.1:8080
  default_backend node
$*

backend node
  server node 127.0.0.1:9000 ${haproxy_server-}
CFG
  haproxy -db -f "$work/haproxy.cfg" >"$work/haproxy.log" 2>&1 &
  listening 8080
}
