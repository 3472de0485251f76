. "$record/h2/peers.sh"
. "$record/proxies/peers.sh"
software haproxy "$(haproxy -v | awk 'NR == 1 { print $3 }')"
shows 'HAProxy on port 8080 translates: WebSockets on streams of HTTP/2 in front, HTTP/1.1 with Upgrade to ws on port 9000 behind.'
backend deflate=yes
cat >"$work/haproxy.cfg" <<'CFG'
defaults
  mode http
  timeout connect 2s
  timeout client 10s
  timeout server 10s
  timeout tunnel 1h

frontend websocket
  bind 127.0.0.1:8080 proto h2
  default_backend node

backend node
  server node 127.0.0.1:9000
CFG
haproxy -db -f "$work/haproxy.cfg" >"$work/haproxy.log" 2>&1 &
listening 8080
capture
timeout 20 node "$record/h2/client.js" paths=/echo,/other deflate=yes heard=yes greeted=yes
