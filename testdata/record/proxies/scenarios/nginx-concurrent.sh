. "$record/proxies/nginx.sh"
shows 'Two clients talk at the same time through nginx on port 8080 to the backend on port 9000: four connections, two pairs of legs; nothing is wrong.'
nginx_server '
    location / {
      proxy_pass http://127.0.0.1:9000;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
    }'
backend
capture
client url=ws://127.0.0.1:8080/chat?client=1 &
first=$!
client url=ws://127.0.0.1:8080/chat?client=2
wait $first
