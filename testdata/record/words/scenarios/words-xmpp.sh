. "$record/words/peers.sh"
software_npm @xmpp/client
software prosody "$(dpkg-query -W -f "\${Version}" prosody)"
shows '@xmpp/client against Prosody (mod_websocket) on port 8080: refused with a wrong password; then a message to itself, and an iq that nobody handles.'
mkdir -p "$work/prosody"
cat >"$work/prosody.cfg.lua" <<CONF
run_as_root = true
daemonize = false
pidfile = "$work/prosody.pid"
data_path = "$work/prosody"
modules_enabled = { "saslauth", "websocket", "presence", "message", "iq", "disco" }
modules_disabled = { "s2s", "tls" }
http_ports = { 8080 }
http_interfaces = { "127.0.0.1" }
https_ports = { }
c2s_ports = { }
s2s_ports = { }
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
consider_websocket_secure = true
authentication = "internal_hashed"
log = { info = "*console" }
VirtualHost "localhost"
  http_host = "127.0.0.1"
CONF
prosodyctl --config "$work/prosody.cfg.lua" register guest localhost secret >"$work/register.log" 2>&1
prosody --config "$work/prosody.cfg.lua" -F >"$work/prosody.log" 2>&1 &
server=$!
listening 8080
words_peers xmpp
kill "$server"
wait "$server" || true
