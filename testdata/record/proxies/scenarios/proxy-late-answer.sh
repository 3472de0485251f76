. "$record/proxies/node.sh"
shows 'A proxy on port 8080 keeps the 101 of the backend on port 9000 back for 1.5 seconds; then the conversation works on both legs.'
node_proxy late-answer.js
backend
capture
client
