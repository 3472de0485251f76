. "$record/proxies/apache.sh"
shows 'Apache on port 8080 with a plain ProxyPass does not pass Upgrade on to the backend on port 9000, so the backend answers 426 on both legs.'
apache_server '
ProxyPass / http://127.0.0.1:9000/'
backend
capture
client
apache_stop
