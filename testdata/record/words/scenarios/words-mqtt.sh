. "$record/words/peers.sh"
software_npm mqtt
software mosquitto "$(mosquitto -h | sed -n '1s/mosquitto version //p')"
shows 'mqtt.js in MQTT 5 and 3.1.1 against mosquitto on port 9001: without a password CONNACK refuses; with one it publishes to itself.'
# This mosquitto does not start with a WebSocket listener alone.
mosquitto_passwd -b -c "$work/passwords" guest secret
chmod 644 "$work/passwords"
cat >"$work/mosquitto.conf" <<CONF
listener 1883 127.0.0.1
listener 9001
socket_domain ipv4
protocol websockets
allow_anonymous false
password_file $work/passwords
CONF
mosquitto -c "$work/mosquitto.conf" >"$work/mosquitto.log" 2>&1 &
listening 9001
words_peers mqtt
