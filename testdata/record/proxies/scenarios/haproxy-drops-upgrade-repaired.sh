. "$record/proxies/haproxy.sh"
shows 'As haproxy-drops-upgrade, with what wshake advises: nothing deletes the field Upgrade. Nothing is wrong any more.'
haproxy_frontend ''
backend
capture
client
