. "$record/proxies/nginx.sh"
shows 'nginx on port 8080 answers 502: its connection to the backend on port 9000 is refused with a RST, nothing listens there.'
nginx_server '
    location / {
      proxy_pass http://127.0.0.1:9000;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
    }'
capture
client
