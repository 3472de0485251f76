. "$record/proxies/apache.sh"
shows 'Apache on port 8080 tunnels with mod_proxy_wstunnel to ws on port 9000: both legs carry the same key, answer and messages; nothing is wrong.'
apache_server '
LoadModule proxy_wstunnel_module modules/mod_proxy_wstunnel.so
ProxyPass / ws://127.0.0.1:9000/'
backend
capture
client
