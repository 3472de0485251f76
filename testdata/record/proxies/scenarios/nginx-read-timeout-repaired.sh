. "$record/proxies/nginx.sh"
shows 'As nginx-read-timeout, with what wshake advises: proxy_read_timeout is raised. Nothing is wrong any more.'
nginx_server '
    location / {
      proxy_pass http://127.0.0.1:9000;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_read_timeout 1h;
    }'
backend
capture
client then=rest:4000
