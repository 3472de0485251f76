# The WebSocket peers on both sides of a proxy: the proxy listens on port 8080, the backend on port 9000.

software_node
software_npm ws

# backend [KEY=VALUE...] starts backend.js.
backend() {
  node "$record/proxies/backend.js" "$@" >"$work/backend.log" 2>&1 &
  backend=$!
  local port=9000 argument
  for argument; do [[ $argument != port=* ]] || port=${argument#port=}; done
  listening $port
}

# client [KEY=VALUE...] runs client.js to its end.
client() { timeout 20 node "$record/proxies/client.js" "$@"; }
export truth
