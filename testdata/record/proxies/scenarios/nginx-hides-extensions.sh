. "$record/proxies/nginx.sh"
shows 'nginx on port 8080 removes Sec-WebSocket-Extensions from the answer of the backend on port 9000: the backend compresses, the client was never told and ends with 1002 at the first frame with RSV1.'
nginx_server '
    location / {
      proxy_pass http://127.0.0.1:9000;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_hide_header Sec-WebSocket-Extensions;
    }'
backend deflate=yes
capture
client deflate=yes
