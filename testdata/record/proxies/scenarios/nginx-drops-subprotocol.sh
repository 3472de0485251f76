. "$record/proxies/nginx.sh"
shows 'nginx on port 8080 removes the subprotocol offer from the request to the backend on port 9000: the 101 names none, and the client, which offered chat.v2, breaks off.'
nginx_server '
    location / {
      proxy_pass http://127.0.0.1:9000;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header Sec-WebSocket-Protocol "";
    }'
backend protocol=chat.v2
capture
client protocol=chat.v2
