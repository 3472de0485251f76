. "$record/proxies/node.sh"
shows 'After the 101 the proxy on port 8080 loses every frame of the backend on port 9000, while the frames of the client arrive; the client hears nothing for one second, sends Close 1001 and gets a FIN instead of a Close.'
node_proxy lost-server-frames.js
backend
capture
client patience=1000
