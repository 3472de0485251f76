. "$record/proxies/haproxy.sh"
software nginx "$(nginx -v 2>&1 | sed 's,.*/,,')"
shows 'HAProxy with send-proxy in front of nginx on port 9000, which expects the PROXY header and passes the upgrade on to ws on port 9001: nothing is wrong.'
haproxy_server='send-proxy'
haproxy_frontend ''
mkdir "$work/nginx"
cat >"$work/nginx.conf" <<CONF
daemon off;
user $(id -un);
worker_processes 1;
pid $work/nginx/pid;
error_log $work/nginx.log;
events {}
http {
  access_log off;
  client_body_temp_path $work/nginx/body;
  proxy_temp_path $work/nginx/proxy;
  fastcgi_temp_path $work/nginx/fastcgi;
  uwsgi_temp_path $work/nginx/uwsgi;
  scgi_temp_path $work/nginx/scgi;
  server {
    listen 127.0.0.1:9000 proxy_protocol;
    location / {
      proxy_pass http://127.0.0.1:9001;
      proxy_http_version 1.1;
      proxy_set_header Upgrade \$http_upgrade;
      proxy_set_header Connection upgrade;
      proxy_set_header Host \$http_host;
    }
  }
}
CONF
nginx -e "$work/nginx.log" -c "$work/nginx.conf" &
listening 9000
backend port=9001
capture
client
