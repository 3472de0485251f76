. "$record/tls/peers.sh"
. "$record/proxies/nginx.sh"
shows 'nginx on port 8443 terminates TLS and passes the upgrade on to ws on port 9000 in the clear: both legs carry the same key, answer and messages. The client logs the secrets.'
make_certificate
nginx_server "
    listen 127.0.0.1:8443 ssl;
    ssl_certificate $certificate.pem;
    ssl_certificate_key $certificate.key;
    location / {
      proxy_pass http://127.0.0.1:9000;
      proxy_http_version 1.1;
      proxy_set_header Upgrade \$http_upgrade;
      proxy_set_header Connection \$connection_upgrade;
    }"
listening 8443
backend
capture
NODE_OPTIONS=--tls-keylog=$keys client url=wss://127.0.0.1:8443/chat insecure=yes
