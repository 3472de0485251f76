# Caddy on port 8080 in front of the backend on port 9000.
. "$record/proxies/peers.sh"
software caddy "$(caddy version | sed 's/ .*//; s/^v//')"

# caddy_server DIRECTIVES starts Caddy with the given contents of its site; $caddy_global are more of its global options.
caddy_server() {
  printf '{\n  admin off\n'"${caddy_global-}"'\n}\nhttp://127.0.0.1:8080 {\n%s\n}\n' "$*" >"$work/Caddyfile"
  HOME=$work caddy run --adapter caddyfile --config "$work/Caddyfile" >"$work/caddy.log" 2>&1 &
  caddy=$!
  listening 8080
}
