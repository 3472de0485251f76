# nginx on port 8080 with Debian's defaults wherever a scenario does not say otherwise.
. "$record/proxies/peers.sh"
software nginx "$(nginx -v 2>&1 | sed 's,.*/,,')"

# nginx_server DIRECTIVES starts nginx with the given contents of its server block; $nginx_listen are parameters of its listen. They may use $connection_upgrade, the
# map that nginx's own documentation recommends for WebSocket, the upstream kept_alive, the backend with one idle
# connection kept, and the upstream several, of the servers in $nginx_upstream.
nginx_server() {
  mkdir "$work/nginx"
  cat >"$work/nginx/nginx.conf" <<CONF
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
  map \$http_upgrade \$connection_upgrade {
    default upgrade;
    '' close;
  }
  upstream kept_alive {
    server 127.0.0.1:9000;
    keepalive 1;
  }
  upstream several { ${nginx_upstream-server 127.0.0.1:9000;} }
  server {
    listen 127.0.0.1:8080 ${nginx_listen-};
$*
  }
}
CONF
  nginx -e "$work/nginx.log" -c "$work/nginx/nginx.conf" &
  listening 8080
}
