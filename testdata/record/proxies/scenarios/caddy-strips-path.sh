. "$record/proxies/caddy.sh"
shows 'Caddy on port 8080 strips /app by handle_path, and the backend on port 9000 serves /app/chat alone: 404 on both legs.'
caddy_server '
  handle_path /app/* {
    reverse_proxy 127.0.0.1:9000
  }'
backend path=/app/chat
capture
client url=ws://127.0.0.1:8080/app/chat
kill "$caddy"
