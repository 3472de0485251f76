. "$record/proxies/nginx.sh"
shows 'nginx on port 8080 (proxy_read_timeout 1s) answers 504: the backend on port 9000 takes the upgrade request and never answers.'
nginx_server '
    location / {
      proxy_pass http://127.0.0.1:9000;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_read_timeout 1s;
    }'
backend answer=never
capture
client
