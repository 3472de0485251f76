. "$record/proxies/caddy.sh"
shows 'As caddy-strips-path, with what wshake advises: handle in place of handle_path. Nothing is wrong any more.'
caddy_server '
  handle /app/* {
    reverse_proxy 127.0.0.1:9000
  }'
backend path=/app/chat
capture
client url=ws://127.0.0.1:8080/app/chat
kill "$caddy"
