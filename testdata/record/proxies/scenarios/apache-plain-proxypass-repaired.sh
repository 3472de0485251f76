. "$record/proxies/apache.sh"
shows 'As apache-plain-proxypass, with what wshake advises: upgrade=websocket behind the ProxyPass. Nothing is wrong any more.'
apache_server '
ProxyPass / http://127.0.0.1:9000/ upgrade=websocket'
backend
capture
client
apache_stop
