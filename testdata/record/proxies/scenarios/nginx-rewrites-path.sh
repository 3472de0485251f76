. "$record/proxies/nginx.sh"
shows 'nginx on port 8080 maps /ws/chat to /chat on the backend on port 9000: the legs differ in path and Host only; nothing is wrong.'
nginx_server '
    location /ws/ {
      proxy_pass http://127.0.0.1:9000/;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
    }'
backend
capture
client url=ws://127.0.0.1:8080/ws/chat
