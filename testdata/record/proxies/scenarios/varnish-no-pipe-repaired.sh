. "$record/proxies/varnish.sh"
shows 'As varnish-no-pipe, with what wshake advises: requests with Upgrade are piped, with Upgrade and Connection set in vcl_pipe.'
varnish_server '
sub vcl_recv {
  if (req.http.upgrade ~ "(?i)websocket") {
    return (pipe);
  }
}
sub vcl_pipe {
  if (req.http.upgrade) {
    set bereq.http.upgrade = req.http.upgrade;
    set bereq.http.connection = req.http.connection;
  }
}'
backend
capture
client
kill "$varnish"
