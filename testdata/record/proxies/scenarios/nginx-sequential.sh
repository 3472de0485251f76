. "$record/proxies/nginx.sh"
shows 'Three clients come one after another to the same path through nginx on port 8080 to the backend on port 9000: six connections, three pairs of legs; nothing is wrong.'
nginx_server '
    location / {
      proxy_pass http://127.0.0.1:9000;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
    }'
backend
capture
client
client
client
