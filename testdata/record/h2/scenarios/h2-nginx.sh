. "$record/h2/peers.sh"
. "$record/proxies/nginx.sh"
shows 'What nginx answers over HTTP/2 to the upgrade of RFC 6455 and to an extended CONNECT, which it never allowed.'
backend
nginx_listen=http2
nginx_server 'location / {
  proxy_pass http://127.0.0.1:9000;
  proxy_http_version 1.1;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection $connection_upgrade;
}'
capture
raw upgrade-fields
raw extended
