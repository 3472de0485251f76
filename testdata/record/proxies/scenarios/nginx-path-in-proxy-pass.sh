. "$record/proxies/nginx.sh"
shows 'nginx on port 8080 with a URI in proxy_pass cuts /app off the path; the backend on port 9000 knows /app/chat only and answers 404 on both legs.'
nginx_server '
    location /app/ {
      proxy_pass http://127.0.0.1:9000/;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
    }'
backend path=/app/chat
capture
client url=ws://127.0.0.1:8080/app/chat
