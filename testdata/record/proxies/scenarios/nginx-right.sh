. "$record/proxies/nginx.sh"
shows 'nginx on port 8080 passes the upgrade on to ws on port 9000: both legs carry the same key, answer and messages; nothing is wrong.'
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
