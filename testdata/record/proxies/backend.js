// backend.js [key=value...]: an HTTP server with a ws server in it, on host:port (127.0.0.1:9000). It greets every WebSocket
// with a text, sends each message back, and answers requests without an upgrade: 426 under /chat, a small page elsewhere.
//   host, port     where it listens
//   deflate=yes    accept permessage-deflate
//   protocol=NAME  the subprotocol it chooses, if offered
//   answer=never   take the request and keep silent
//   origin=same    refuse with 403 an Origin whose host is not that of Host
//   path=PATH      refuse with 404 an upgrade of another path
//   negotiate=yes  as SignalR does: POST /negotiate gives a connection's id; an upgrade with an id that this server did
//                  not give is refused with 404
//   page=FILE      what is at /page, for browsers
//   sockets=N      ends when so many WebSockets are over
//   end=close|reset, after=N   closes with 4001, or resets TCP, behind so many messages of a client
const { readFileSync } = require('node:fs');
const { randomBytes } = require('node:crypto');
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

let left = Number(option.sockets ?? 0);
webSockets.on('connection', (ws, request) => {
  let heard = 0;
  const account = new Account(request.socket.remotePort);
  const send = (data, isBinary) => {
    if (ws.readyState === ws.OPEN) account.add('server', data, isBinary);
    ws.send(data, { binary: isBinary });
  };
  send(`hello ${request.url}`, false);
  ws.on('message', (data, isBinary) => {
    account.add('client', data, isBinary);
    send(data, isBinary);
    if (!option.after || ++heard < Number(option.after)) return;
    if (option.end === 'reset') return request.socket.resetAndDestroy();
    ws.close(4001, 'the room is closed');
  });
  ws.on('error', () => {});
  ws.on('close', () => {
    account.write('backend');
    if (--left === 0) setTimeout(() => process.exit(), 300);
  });
});

const server = http.createServer((request, response) => {
  if (option.answer === 'never') return;
  if (option.page && request.url.startsWith('/page')) {
    response.writeHead(200, { 'Content-Type': 'text/html' });
    return response.end(readFileSync(option.page));
  }
  if (option.negotiate === 'yes' && request.method === 'POST') {
    const id = randomBytes(16).toString('base64url');
    given.add(id);
    response.writeHead(200, { 'Content-Type': 'application/json' });
    return response.end(JSON.stringify({ negotiateVersion: 0, connectionId: id, availableTransports: [{ transport: 'WebSockets' }] }));
  }
  if (request.url.startsWith('/chat')) {
    response.writeHead(426, { 'Content-Type': 'text/plain' });
    response.end('Upgrade Required');
  } else {
    response.writeHead(200, { 'Content-Type': 'text/html' });
    response.end(`<!doctype html><title>backend</title><p>${request.url}\n`);
  }
});
const given = new Set();
const refusal = ({ url, headers }) => {
  const { pathname, searchParams } = new URL(url, 'http://backend');
  if (option.origin === 'same' && new URL(headers.origin).host !== headers.host)
    return ['403 Forbidden', `Origin ${headers.origin} is not allowed for ${headers.host}`];
  if (option.path && pathname !== option.path) return ['404 Not Found', `nothing is at ${pathname}`];
  if (option.negotiate === 'yes' && !given.has(searchParams.get('id'))) return ['404 Not Found', 'No Connection with that ID'];
};
server.on('upgrade', (request, socket, head) => {
  const [status, words] = refusal(request) ?? [];
  if (status) {
    const length = Buffer.byteLength(words);
    return socket.end(
      `HTTP/1.1 ${status}\r\nContent-Type: text/plain\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n${words}`,
    );
  }
  if (option.answer === 'never') return socket.resume().on('end', () => socket.end());
  webSockets.handleUpgrade(request, socket, head, (ws) => webSockets.emit('connection', ws, request));
});
server.listen(Number(option.port), option.host);
