. "$record/proxies/nginx.sh"
shows 'nginx on port 8080 spreads over two backends, on ports 9000 and 9001: the id that one gave in its answer to POST /negotiate is unknown to the other, which answers 404.'
nginx_upstream='server 127.0.0.1:9000; server 127.0.0.1:9001;'
nginx_server '
    location / {
      proxy_pass http://several;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
    }'
backend negotiate=yes
backend negotiate=yes port=9001
capture
client negotiate=http://127.0.0.1:8080/negotiate
