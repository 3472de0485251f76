# curl against a program in Node on port 8080.
. "$record/node/peers.sh"
software curl "$(curl --version | sed -n '1s/^curl \([^ ]*\).*/\1/p')"

# node_server PROGRAM starts PROGRAM.js.
node_server() {
  node "$record/node/$1.js" &
  listening 8080
}
