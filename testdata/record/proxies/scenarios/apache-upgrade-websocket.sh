. "$record/proxies/apache.sh"
shows 'Apache on port 8080 passes the upgrade on to ws on port 9000 (ProxyPass upgrade=websocket): both legs carry the same key, answer and messages; nothing is wrong.'
apache_server '
ProxyPass / http://127.0.0.1:9000/ upgrade=websocket'
backend
capture
client
