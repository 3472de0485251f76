. "$record/proxies/node.sh"
shows 'The proxy on port 8080 gives the second client the cached 101 of the first: the backend on port 9000 answered rightly both times, the second client gets the Accept of the first key and breaks off.'
node_proxy cached-answer.js
backend
capture
client
client
