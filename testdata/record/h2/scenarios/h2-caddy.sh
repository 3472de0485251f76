. "$record/h2/peers.sh"
. "$record/proxies/caddy.sh"
shows 'What Caddy answers over HTTP/2 to the upgrade of RFC 6455 and to an extended CONNECT, which it never allowed.'
backend
caddy_global='  servers {\n    protocols h1 h2c\n  }'
caddy_server '  reverse_proxy 127.0.0.1:9000'
capture
raw upgrade-fields
raw extended
