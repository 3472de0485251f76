# HTTP/2 on port 8080: server.js and client.js, raw.js, or a browser.
. "$record/tls/peers.sh"
software_node
software_npm ws
software nghttp2 "$(node -p process.versions.nghttp2)"

# server [NAME=VALUE...] starts server.js.
server() {
  node "$record/h2/server.js" "$@" >"$work/server.log" 2>&1 &
  server=$!
  listening 8080
}

# client [NAME=VALUE...] runs client.js to its end.
client() { timeout 20 node "$record/h2/client.js" "$@"; }

# raw SCRIPT runs raw.js to its end.
raw() { timeout 20 node "$record/h2/raw.js" "$1"; }
