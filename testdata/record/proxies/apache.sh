# Apache httpd on port 8080 with no more modules than proxying takes.
. "$record/proxies/peers.sh"
software apache "$(apache2 -v | sed -n 's,.*Apache/\([0-9.]*\).*,\1,p')"

# apache_server LINES starts Apache with the given lines at the end of its configuration.
apache_server() {
  cat >"$work/apache.conf" <<CONF
ServerRoot /usr/lib/apache2
LoadModule mpm_event_module modules/mod_mpm_event.so
LoadModule authz_core_module modules/mod_authz_core.so
LoadModule proxy_module modules/mod_proxy.so
LoadModule proxy_http_module modules/mod_proxy_http.so
User www-data
Group www-data
ServerName 127.0.0.1
Listen 127.0.0.1:8080
PidFile $work/apache.pid
ErrorLog $work/apache.log
DefaultRuntimeDir $work
$*
CONF
  apache2 -f "$work/apache.conf" -D FOREGROUND >"$work/apache-start.log" 2>&1 &
  apache=$!
  listening 8080
}

# apache_stop makes Apache give up the connections it keeps for reuse.
apache_stop() {
  kill $apache
  wait $apache
}
