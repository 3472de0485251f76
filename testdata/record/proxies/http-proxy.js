// http-proxy.js: the npm package http-proxy on port 8080 before port 9000, as its own documentation starts it.
require('http-proxy').createServer({ target: 'http://127.0.0.1:9000', ws: true }).listen(8080, '127.0.0.1');
