. "$record/proxies/haproxy.sh"
shows 'HAProxy on port 8080 removes Upgrade from the request to the backend on port 9000 (http-request del-header), so the backend answers 426 on both legs.'
haproxy_frontend '  http-request del-header Upgrade'
backend
capture
client
