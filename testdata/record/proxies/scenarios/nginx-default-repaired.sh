. "$record/proxies/nginx.sh"
shows 'As nginx-default, with what wshake advises: proxy_http_version 1.1 and the two lines of proxy_set_header. Nothing is wrong any more.'
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
