. "$record/proxies/nginx.sh"
shows 'nginx on port 8080 passes permessage-deflate through to the backend on port 9000: both legs agree on it and carry the same compressed messages; nothing is wrong.'
nginx_server '
    location / {
      proxy_pass http://127.0.0.1:9000;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
    }'
backend deflate=yes
capture
client deflate=yes
