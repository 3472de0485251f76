. "$record/proxies/haproxy.sh"
shows 'As haproxy-tunnel-timeout, with what wshake advises: timeout tunnel is raised. Nothing is wrong any more.'

haproxy_frontend ''
backend
capture
client then=rest:4000
