# Node programs with ws on both ends, on port 8080.

software_node
software_npm ws
export truth

# node_peers PROGRAM [ARGUMENT...] records PROGRAM.js, which is client and server, to its end.
node_peers() {
  capture
  timeout 30 node "$record/node/$1.js" "${@:2}"
}
