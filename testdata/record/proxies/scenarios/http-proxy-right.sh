. "$record/proxies/node.sh"
shows 'The npm package http-proxy on port 8080 passes the upgrade on to ws on port 9000: both legs carry the same key, answer and messages; nothing is wrong.'
software_npm http-proxy
node_proxy http-proxy.js
backend
capture
client
