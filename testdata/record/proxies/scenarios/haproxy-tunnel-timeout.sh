. "$record/proxies/haproxy.sh"
shows 'HAProxy on port 8080 (timeout tunnel 3s) ends both legs after 3 idle seconds without a Close frame: a FIN to the client, a RST to the backend on port 9000.'
tunnel_timeout=3s
haproxy_frontend ''
backend
capture
client then=idle
