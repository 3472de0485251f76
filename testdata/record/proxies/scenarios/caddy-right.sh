. "$record/proxies/peers.sh"
software caddy "$(caddy version | sed 's/ .*//; s/^v//')"
shows 'Caddy on port 8080 with reverse_proxy and nothing else passes the upgrade on to the backend on port 9000: nothing is wrong.'
cat >"$work/Caddyfile" <<'CONF'
{
  admin off
}
http://127.0.0.1:8080 {
  reverse_proxy 127.0.0.1:9000
}
CONF
HOME=$work caddy run --adapter caddyfile --config "$work/Caddyfile" >"$work/caddy.log" 2>&1 &
caddy=$!
listening 8080
backend
capture
client
kill "$caddy"
