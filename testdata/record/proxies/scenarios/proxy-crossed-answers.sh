. "$record/proxies/node.sh"
shows 'Two clients ask at the same time and the proxy on port 8080 swaps the answers of the backend on port 9000 between them: each client gets the Accept of the other key and breaks off.'
node_proxy crossed-answers.js
backend
capture
client url=ws://127.0.0.1:8080/chat?client=1 &
first=$!
client url=ws://127.0.0.1:8080/chat?client=2
wait $first
