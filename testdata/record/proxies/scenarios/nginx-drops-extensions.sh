. "$record/proxies/nginx.sh"
shows 'nginx on port 8080 removes Sec-WebSocket-Extensions from the request, so the backend on port 9000, which can compress, is never offered permessage-deflate; the conversation works uncompressed on both legs.'
nginx_server '
    location / {
      proxy_pass http://127.0.0.1:9000;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header Sec-WebSocket-Extensions "";
    }'
backend deflate=yes
capture
client deflate=yes
