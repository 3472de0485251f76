. "$record/proxies/nginx.sh"
shows 'nginx on port 8080 removes Sec-WebSocket-Protocol from the answer: the backend on port 9000 chose chat.v2, the client sees no choice and breaks off.'
nginx_server '
    location / {
      proxy_pass http://127.0.0.1:9000;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_hide_header Sec-WebSocket-Protocol;
    }'
backend protocol=chat.v2
capture
client protocol=chat.v2
