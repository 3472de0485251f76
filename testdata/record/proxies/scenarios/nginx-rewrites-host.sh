. "$record/proxies/nginx.sh"
shows 'nginx on port 8080 puts the name of its upstream into Host, as it does by itself; the backend on port 9000 takes the Origin for foreign and answers 403 on both legs.'
nginx_server '
    location / {
      proxy_pass http://127.0.0.1:9000;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
    }'
backend origin=same
capture
client origin=http://127.0.0.1:8080
