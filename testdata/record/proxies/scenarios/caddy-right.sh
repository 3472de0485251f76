. "$record/proxies/caddy.sh"
shows 'Caddy on port 8080 with reverse_proxy and nothing else passes the upgrade on to the backend on port 9000: nothing is wrong.'
caddy_server '
  reverse_proxy 127.0.0.1:9000'
backend
capture
client
kill "$caddy"
