. "$record/proxies/haproxy.sh"
shows 'HAProxy on port 8080 answers 403 to the upgrade itself (http-request deny): there is no connection to the backend on port 9000.'
haproxy_frontend '  http-request deny if { req.hdr(Upgrade) -m found }'
backend
capture
client
