. "$record/proxies/haproxy.sh"
shows 'HAProxy on port 8080 passes the upgrade on to ws on port 9000, with header names in lower case: both legs carry the same key, answer and messages; nothing is wrong.'
haproxy_frontend ''
backend
capture
client
