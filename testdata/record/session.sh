# One recording, inside its namespaces; started by run, which sets
#   record    the folder of this file        name      the scenario's name     scenario  its file
#   work      a temporary directory          NODE_PATH where require() finds the npm packages
# The scenario is sourced here and uses the functions below. Endpoints append one JSON line per connection,
# {"client_port":N,"client":[...]} and/or {"client_port":N,"server":[...]}, to files named $truth/*.ndjson; over HTTP/2 one per stream, with
# "stream":N. The secrets of
# TLS connections go to $keys, a key log as in SSLKEYLOGFILE.
set -euo pipefail

captures=$record/../captures
truth=$work/truth
keys=$work/keys
said=$work/said.ndjson
mkdir -p "$truth"
ip link set lo up
sysctl -qw net.ipv4.tcp_tw_reuse=0 # no two connections of a recording have the same ends

origin='recorded by the project on loopback'
software=()
editing=() # arguments of editcap that change what is kept

# shows SENTENCE says in the index what the recording shows.
shows() { sentence=$*; }

# software NAME VERSION names one of the programs that talk.
software() { software+=("$1=$2"); }
software_node() { software node "$(node -p process.versions.node)"; }
software_npm() { software "$1" "$(node -p "JSON.parse(fs.readFileSync(process.env.NODE_PATH + '/$1/package.json')).version")"; }

# capture [TCPDUMP ARGUMENT...] starts to record, all TCP on the loopback interface unless told otherwise.
# The ring has a slot of the greatest packet size for each packet, so the default 2 MiB would hold a handful.
capture() {
  [ $# -gt 0 ] || set -- -i lo tcp
  tcpdump -Z root -B 65536 --immediate-mode -n -U -w "$work/capture.pcap" "$@" 2>"$work/tcpdump.log" &
  tcpdump=$!
  until grep -qs 'listening on' "$work/tcpdump.log"; do
    kill -0 $tcpdump || { cat "$work/tcpdump.log" >&2; exit 1; }
    sleep 0.02
  done
}

# listening PORT... waits until something listens there, without connecting to it.
listening() {
  local port
  for port; do
    timeout 60 bash -c "until ss -Htln 'sport = :$port' | grep -q .; do sleep 0.02; done" ||
      { echo "$name: nothing listens on $port" >&2; cat "$work"/*.log >&2; exit 1; }
  done
}

# closed waits until no TCP connection is left open, so that the recording has every FIN.
closed() {
  timeout 10 bash -c "while ss -Htn state connected exclude time-wait | grep -q .; do sleep 0.02; done" ||
    { echo "$name: connections left open:" >&2; ss -tn >&2; exit 1; }
}

. "$scenario"

closed
sleep 0.1
kill -INT $tcpdump
wait $tcpdump || true
grep -q '^0 packets dropped by kernel' "$work/tcpdump.log" || { cat "$work/tcpdump.log" >&2; exit 1; }
editcap -F pcapng "${editing[@]}" "$work/capture.pcap" "$captures/$name.pcapng"

# A large recording is kept compressed: compressed=yes.
rm -f "$captures/$name.pcapng.gz"
[ -z "${compressed-}" ] || gzip -9n "$captures/$name.pcapng"

rm -f "$captures/$name.keys"
[ ! -s "$keys" ] || cp "$keys" "$captures/$name.keys"
rm -f "$captures/$name.truth.json"
if compgen -G "$truth/*.ndjson" >/dev/null; then
  # The two sides of one connection, or of one stream of HTTP/2, may have written a line each.
  jq -s '{connections: (group_by([.client_port, .stream]) | map(add))}' "$truth"/*.ndjson >"$captures/$name.truth.json"
fi
rm -f "$captures/$name.said.json"
[ ! -s "$said" ] || jq -s . "$said" >"$captures/$name.said.json"
"$record/index" "$name" "$origin" "$sentence" "${software[@]}"
