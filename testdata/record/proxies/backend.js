// backend.js [key=value...]: an HTTP server with a ws server in it, on host:port (127.0.0.1:9000). It greets every WebSocket
// with a text, sends each message back, and answers requests without an upgrade: 426 under /chat, a small page elsewhere.
//   host, port     where it listens
//   deflate=yes    accept permessage-deflate
//   protocol=NAME  the subprotocol it chooses, if offered
//   answer=never   take the request and keep silent
const http = require('node:http');
const { WebSocketServer } = require('ws');
const { Account } = require('./truth.js');

const option = { host: '127.0.0.1', port: '9000' };
for (const argument of process.argv.slice(2)) {
  const [key, value] = argument.split('=');
  option[key] = value;
}

const webSockets = new WebSocketServer({
  noServer: true,
  perMessageDeflate: option.deflate === 'yes' && { threshold: 0 },
  handleProtocols: (offered) => (offered.has(option.protocol) ? option.protocol : false),
});

webSockets.on('connection', (ws, request) => {
  const account = new Account(request.socket.remotePort);
  const send = (data, isBinary) => {
    account.add('server', data, isBinary);
    ws.send(data, { binary: isBinary });
  };
  send(`hello ${request.url}`, false);
  ws.on('message', (data, isBinary) => {
    account.add('client', data, isBinary);
    send(data, isBinary);
  });
  ws.on('error', () => {});
  ws.on('close', () => account.write('backend'));
});

const server = http.createServer((request, response) => {
  if (option.answer === 'never') return;
  if (request.url.startsWith('/chat')) {
    response.writeHead(426, { 'Content-Type': 'text/plain' });
    response.end('Upgrade Required');
  } else {
    response.writeHead(200, { 'Content-Type': 'text/html' });
    response.end(`<!doctype html><title>backend</title><p>${request.url}\n`);
  }
});
server.on('upgrade', (request, socket, head) => {
  if (option.answer === 'never') return socket.resume().on('end', () => socket.end());
  webSockets.handleUpgrade(request, socket, head, (ws) => webSockets.emit('connection', ws, request));
});
server.listen(Number(option.port), option.host);
