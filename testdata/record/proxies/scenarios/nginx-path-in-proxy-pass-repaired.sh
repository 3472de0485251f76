. "$record/proxies/nginx.sh"
shows 'As nginx-path-in-proxy-pass, with what wshake advises: proxy_pass without a path behind the address. Nothing is wrong any more.'
nginx_server '
    location /app/ {
      proxy_pass http://127.0.0.1:9000;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
    }'
backend path=/app/chat
capture
client url=ws://127.0.0.1:8080/app/chat
