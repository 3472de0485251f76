# Node with ws on both ends of TLS.
. "$record/tls/peers.sh"
software_node
software_npm ws
software node-openssl "$(node -p process.versions.openssl)"

# node_wss KEY [NAME=VALUE...] records wss.js with a certificate of that kind of key.
node_wss() {
  make_certificate "$1"
  capture
  timeout 30 node "$record/tls/wss.js" "${@:2}"
}
