. "$record/h2/peers.sh"
. "$record/proxies/apache.sh"
shows 'What Apache mod_http2 answers to the upgrade of RFC 6455 and to an extended CONNECT, which it never allowed.'
backend
apache_server 'LoadModule http2_module modules/mod_http2.so
Protocols h2c http/1.1
ProxyPass / http://127.0.0.1:9000/ upgrade=websocket'
capture
raw upgrade-fields
raw extended
apache_stop
