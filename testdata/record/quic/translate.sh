# Proxies on port 8443, TCP and UDP, that speak HTTP/3 in front and HTTP/1.1 to the backend on port 9000. They must be in
# PATH: Caddy from 2.10 on, HAProxy from 3.0 on and nginx from 1.25 on with HTTP/3, as Debian sid has them.
. "$record/proxies/peers.sh"
. "$record/tls/peers.sh"
make_certificate ec
cat "$certificate.pem" "$certificate.key" >"$certificate.all.pem"
spki=$(openssl x509 -in "$certificate.pem" -noout -pubkey | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64)

# ready waits until something listens on UDP port 8443.
ready() { timeout 60 bash -c "until ss -Hunl 'sport = :8443' | grep -q .; do sleep 0.02; done"; }

# caddy_translates starts Caddy, which takes extended CONNECT over HTTP/3.
caddy_translates() {
  software caddy "$(caddy version | sed 's/ .*//; s/^v//')"
  cat >"$work/Caddyfile" <<CFG
{
  admin off
  auto_https disable_redirects
  skip_install_trust
  servers {
    protocols h1 h2 h3
  }
}
https://127.0.0.1:8443, https://quic.test:8443, https://localhost:8443 {
  bind 127.0.0.1
  tls $certificate.pem $certificate.key
  reverse_proxy 127.0.0.1:9000
}
CFG
  HOME=$work caddy run --adapter caddyfile --config "$work/Caddyfile" >"$work/caddy.log" 2>&1 &
  listening 8443
  ready
}

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

# nginx_translates starts nginx, which allows no WebSocket over HTTP/2 and HTTP/3.
nginx_translates() {
  software nginx "$(nginx -v 2>&1 | sed 's/.*nginx.//')"
  cat >"$work/nginx.conf" <<CFG
daemon off; pid $work/nginx.pid; error_log $work/nginx.log; user root;
events {}
http {
  access_log off;
  client_body_temp_path $work/t1; proxy_temp_path $work/t2; fastcgi_temp_path $work/t3; uwsgi_temp_path $work/t4; scgi_temp_path $work/t5;
  map \$http_upgrade \$connection_upgrade { default upgrade; '' close; }
  server {
    listen 127.0.0.1:8443 quic; listen 127.0.0.1:8443 ssl; http2 on;
    ssl_certificate $certificate.pem; ssl_certificate_key $certificate.key;
    location / {
      proxy_pass http://127.0.0.1:9000;
      proxy_http_version 1.1;
      proxy_set_header Upgrade \$http_upgrade;
      proxy_set_header Connection \$connection_upgrade;
      proxy_set_header Host \$host;
    }
  }
}
CFG
  nginx -e "$work/nginx.log" -c "$work/nginx.conf" >"$work/nginx.out" 2>&1 &
  listening 8443
  ready
}

# chromium_opens opens /page with Chromium, over HTTP/3, until the backend ends.
chromium_opens() {
  software chromium "$(chromium --version 2>/dev/null | grep -oE '[0-9.]+' | head -n 1)"
  capture -i lo tcp or udp
  HOME=$work chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update --disable-sync \
    --enable-quic --origin-to-force-quic-on=127.0.0.1:8443 --enable-features=EnableWebsocketsOverHttp3 --ignore-certificate-errors-spki-list="$spki" \
    --ssl-key-log-file="$keys" --user-data-dir="$work/chromium" https://127.0.0.1:8443/page >"$work/browser.log" 2>&1 &
  local browser=$!
  timeout 30 tail --pid=$backend -f /dev/null
  kill $browser
  wait $browser || true
  chmod 644 "$keys"
}

# translated_peer OPTION... records the client of quic-go.
translated_peer() {
  (cd "$record/quic/peer" && go build -o "$work/peer" .)
  capture -i lo tcp or udp
  timeout 30 "$work/peer" server=no "$@" || true
}
