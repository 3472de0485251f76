. "$record/proxies/haproxy.sh"
shows 'HAProxy with send-proxy puts a PROXY header before the request; the backend on port 9000 expects none and answers 400.'
haproxy_server='send-proxy'
haproxy_frontend ''
backend
capture
client
