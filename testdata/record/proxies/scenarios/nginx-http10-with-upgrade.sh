. "$record/proxies/nginx.sh"
shows 'nginx on port 8080 passes on Upgrade and Connection but in an HTTP/1.0 request to the backend on port 9000; ws answers 101 all the same and the conversation works on both legs.'
nginx_server '
    location / {
      proxy_pass http://127.0.0.1:9000;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
    }'
backend
capture
client
