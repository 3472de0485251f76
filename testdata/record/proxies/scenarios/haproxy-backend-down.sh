. "$record/proxies/haproxy.sh"
shows 'HAProxy on port 8080 answers 503 after four attempts to connect to the backend on port 9000, each refused with a RST: nothing listens there.'
haproxy_frontend ''
capture
client
