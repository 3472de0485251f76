. "$record/proxies/caddy.sh"
shows 'As caddy-rewrites-host, with what wshake advises: header_up Host {hostport}. Nothing is wrong any more.'
caddy_server '
  reverse_proxy 127.0.0.1:9000 {
    header_up Host {hostport}
  }'
backend origin=same
capture
client origin=http://127.0.0.1:8080
kill "$caddy"
