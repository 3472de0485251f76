. "$record/node/peers.sh"
software_npm mqtt
software mosquitto "$(mosquitto -h | sed -n '1s/mosquitto version //p')"
shows 'mqtt.js talks MQTT in binary messages, subprotocol mqtt, to mosquitto on port 9001.'
# This mosquitto does not start with a WebSocket listener alone.
cat >"$work/mosquitto.conf" <<'CONF'
listener 1883 127.0.0.1
listener 9001
socket_domain ipv4
protocol websockets
allow_anonymous true
CONF
mosquitto -c "$work/mosquitto.conf" >"$work/mosquitto.log" 2>&1 &
listening 9001
node_peers mqtt
