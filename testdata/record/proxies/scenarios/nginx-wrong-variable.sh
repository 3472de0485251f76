. "$record/proxies/nginx.sh"
shows 'nginx on port 8080 sends "Upgrade: upgrade" (the variable of the Connection line) to the backend on port 9000, which answers 400 on both legs.'
nginx_server '
    location / {
      proxy_pass http://127.0.0.1:9000;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $connection_upgrade;
      proxy_set_header Connection $connection_upgrade;
    }'
backend
capture
client
