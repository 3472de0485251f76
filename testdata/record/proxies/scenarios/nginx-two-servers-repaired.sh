. "$record/proxies/nginx.sh"
shows 'As nginx-two-servers, with what wshake advises: sessions are sticky at the load balancer (ip_hash). Nothing is wrong any more.'
nginx_upstream='ip_hash; server 127.0.0.1:9000; server 127.0.0.1:9001;'
nginx_server '
    location / {
      proxy_pass http://several;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
    }'
backend negotiate=yes
backend negotiate=yes port=9001
capture
client negotiate=http://127.0.0.1:8080/negotiate
