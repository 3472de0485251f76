. "$record/words/peers.sh"
software_npm @stomp/stompjs
software rabbitmq "$(dpkg-query -W -f "\${Version}" rabbitmq-server)"
shows "@stomp/stompjs against RabbitMQ (web-stomp) on port 15674: ERROR for a wrong password; then a subscription, a message and a receipt."
rabbitmq_stomp
export STOMP=ws://127.0.0.1:15674/ws
capture -i lo tcp port 15674
words_peers stomp
kill "$rabbitmq"; wait "$rabbitmq" || true
