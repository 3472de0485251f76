. "$record/proxies/nginx.sh"
shows 'nginx on port 8080 speaks HTTP/1.1 to the backend on port 9000 but does not pass on Upgrade and sends Connection: close, so the backend answers 426 on both legs.'
nginx_server '
    location / {
      proxy_pass http://127.0.0.1:9000;
      proxy_http_version 1.1;
    }'
backend
capture
client
