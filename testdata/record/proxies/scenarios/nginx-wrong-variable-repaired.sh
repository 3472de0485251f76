. "$record/proxies/nginx.sh"
shows 'As nginx-wrong-variable, with what wshake advises: proxy_set_header Upgrade $http_upgrade. Nothing is wrong any more.'
nginx_server '
    location / {
      proxy_pass http://127.0.0.1:9000;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";
    }'
backend
capture
client
