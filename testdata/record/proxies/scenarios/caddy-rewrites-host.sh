. "$record/proxies/caddy.sh"
shows 'Caddy on port 8080 puts the address of its upstream into Host; the backend on port 9000 takes the Origin for foreign and answers 403 on both legs.'
caddy_server '
  reverse_proxy 127.0.0.1:9000 {
    header_up Host {upstream_hostport}
  }'
backend origin=same
capture
client origin=http://127.0.0.1:8080
kill "$caddy"
