# Proxies written in node, on port 8080.
. "$record/proxies/peers.sh"

# node_proxy FILE starts one of them.
node_proxy() {
  node "$record/proxies/$1" >"$work/proxy.log" 2>&1 &
  listening 8080
}
