# Endpoints that talk a protocol of applications over WebSocket and keep account of it in $said: see said.js.
. "$record/node/peers.sh"
export said

# words_peers PROGRAM [ARGUMENT...] records PROGRAM.js, which is the client and, mostly, the server, to its end.
words_peers() {
  [ -n "${tcpdump-}" ] || capture
  timeout 60 node "$record/words/$1.js" "${@:2}"
}

# words_server PROGRAM builds the server PROGRAM from the Go programs in peers and starts it on port 8080.
words_server() {
  (cd "$record/peers" && go build -o "$work/$1" "./$1")
  "$work/$1" >"$work/$1.log" 2>&1 &
  server=$!
  listening 8080
}

# rabbitmq_stomp starts RabbitMQ with STOMP over WebSocket on port 15674.
rabbitmq_stomp() {
  mkdir -p "$work/rabbit"
  echo '[rabbitmq_web_stomp].' >"$work/rabbit/plugins"
  chown -R rabbitmq "$work/rabbit"
  HOME=$work/rabbit RABBITMQ_NODENAME=wshake@localhost RABBITMQ_MNESIA_BASE=$work/rabbit RABBITMQ_LOG_BASE=$work/rabbit \
    RABBITMQ_ENABLED_PLUGINS_FILE=$work/rabbit/plugins RABBITMQ_PID_FILE=$work/rabbit/pid \
    /usr/lib/rabbitmq/bin/rabbitmq-server >"$work/rabbitmq.log" 2>&1 &
  rabbitmq=$!
  timeout 240 bash -c "until ss -Htln 'sport = :15674' | grep -q .; do sleep 0.2; done" ||
    { echo "$name: RabbitMQ does not start" >&2; cat "$work/rabbitmq.log" >&2; exit 1; }
}
