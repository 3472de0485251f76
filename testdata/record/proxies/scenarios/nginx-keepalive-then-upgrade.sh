. "$record/proxies/nginx.sh"
shows 'One client connection to nginx on port 8080 makes two plain requests and then the upgrade; nginx does the same on one kept-alive connection to the backend on port 9000; nothing is wrong.'
nginx_server '
    location / {
      proxy_pass http://kept_alive;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
    location /chat {
      proxy_pass http://kept_alive;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
    }'
backend
capture
client get=/page/1,/page/2
