. "$record/proxies/nginx.sh"
shows 'nginx on port 8080 (proxy_read_timeout 3s) ends both legs, to the client and to the backend on port 9000, after 3 idle seconds without a Close frame.'
nginx_server '
    location / {
      proxy_pass http://127.0.0.1:9000;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_read_timeout 3s;
    }'
backend
capture
client then=idle
