. "$record/proxies/haproxy.sh"
shows 'As haproxy-send-proxy-wrong, with what wshake advises: send-proxy is removed from the server line. Nothing is wrong any more.'
haproxy_frontend ''
backend
capture
client
