. "$record/proxies/apache.sh"
shows 'Apache on port 8080 answers 503: its connection to the backend on port 9000 is refused with a RST, nothing listens there.'
apache_server '
ProxyPass / http://127.0.0.1:9000/ upgrade=websocket'
capture
client
