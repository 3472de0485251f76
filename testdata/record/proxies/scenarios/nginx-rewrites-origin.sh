. "$record/proxies/nginx.sh"
shows 'nginx on port 8080 replaces the Origin https://app.example by http://127.0.0.1:9000 in the request to the backend on port 9000, so the legs differ in who asks; the conversation works.'
nginx_server '
    location / {
      proxy_pass http://127.0.0.1:9000;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header Origin http://127.0.0.1:9000;
    }'
backend
capture
client origin=https://app.example
