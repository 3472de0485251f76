# A client and a backend in network namespaces of their own. The scenario's namespace is what lies between them: it has an
# interface "client" and an interface "backend", and records on both at once, so that every packet is seen on each side.
# All of it goes away with the scenario. Needs ethtool, and nft where addresses are translated.
. "$record/proxies/peers.sh"
origin='recorded by the project between network namespaces'

# namespace NAME ADDRESS/BITS makes a namespace, known by the process id $NAME, and a link to it: eth0 there has the address.
namespace() {
  unshare --net sleep infinity &
  declare -g "$1=$!"
  until [ "$(readlink /proc/$!/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.02; done
  ip link add "$1" type veth peer name eth0 netns $!
  ip link set "$1" up
  within $! ip address add "$2" dev eth0
  within $! ip link set eth0 up
  # Segments as on a real wire: not larger than the MTU, and with their checksums.
  within $! ethtool -K eth0 tso off gso off tx off >/dev/null
}

# within PID COMMAND... runs a command in the namespace of that process.
within() { nsenter --net="/proc/$1/ns/net" "${@:2}"; }

# bridged joins the two links, so that packets pass unchanged.
bridged() {
  ip link add bridge0 type bridge
  ip link set client master bridge0
  ip link set backend master bridge0
  ip link set bridge0 up
}

# routed CLIENT_GATEWAY/BITS BACKEND_GATEWAY/BITS makes this namespace the router, and the default route of the client only.
routed() {
  sysctl -q net.ipv4.ip_forward=1
  ip address add "$1" dev client
  ip address add "$2" dev backend
  within $client ip route add default via "${1%/*}"
}

# conversation BACKEND_ADDRESS lets client.js talk to backend.js at that address, port 9000.
conversation() {
  within $backend node "$record/proxies/backend.js" host="$1" >"$work/backend.log" 2>&1 &
  until within $backend ss -Htln 'sport = :9000' | grep -q .; do sleep 0.02; done
  within $client node "$record/proxies/client.js" url="ws://$1:9000/chat"
  while within $backend ss -Htn state connected exclude time-wait | grep -q .; do sleep 0.02; done
  while within $client ss -Htn state connected exclude time-wait | grep -q .; do sleep 0.02; done
}
