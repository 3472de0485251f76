// client.js [key=value...]: one ws client. It sends a few messages, each when the one before has come back, then a ping,
// and closes with 1000. A refused or broken connection is a result, told on stdout.
//   url            ws://127.0.0.1:8080/chat
//   deflate=yes    offer permessage-deflate
//   protocol=NAME  offer this subprotocol
//   origin=ORIGIN  send this Origin
//   then=idle      say one thing and wait for the other side to end it
//   then=rest:MS   after its messages, say nothing for so long before the ping and the end
//   negotiate=URL  ask there for a connection's id first, as clients of SignalR do, on a connection of its own
//   patience=MS    with no message for so long, close with 1001
//   get=PATH,...   ask for these pages first, on the TCP connection that is then upgraded
//   insecure=yes   take any certificate, if the URL says wss
const http = require('node:http');
const https = require('node:https');
const WebSocket = require('ws');
const { Account } = require('./truth.js');

const option = { url: 'ws://127.0.0.1:8080/chat' };
for (const argument of process.argv.slice(2)) {
  const [key, ...value] = argument.split('=');
  option[key] = value.join('=');
}

const reading = (n) => ({ sensor: `room-${n % 4}`, kind: 'temperature', unit: 'celsius', value: 18 + (n % 7) / 2 });
const lines = [
  ['good morning', false],
  [JSON.stringify(Array.from({ length: 30 }, (_, n) => reading(n))), false],
  [Buffer.from(Array.from({ length: 300 }, (_, n) => (n * 7) & 0xff)), true],
  ['', false],
  ['ünïcödé ✓', false],
];

function talk(agent) {
  const ws = new WebSocket(option.url, option.protocol ? [option.protocol] : [], {
    agent,
    origin: option.origin,
    perMessageDeflate: option.deflate === 'yes' && { threshold: 0 },
  });
  let account, patience;
  const script = option.then === 'idle' ? lines.slice(0, 1) : [...lines];

  const next = () => {
    if (script.length > 0) {
      const [data, isBinary] = script.shift();
      account.add('client', data, isBinary);
      ws.send(data, { binary: isBinary });
    } else if (option.then?.startsWith('rest:')) {
      const rest = Number(option.then.slice('rest:'.length));
      option.then = undefined;
      setTimeout(next, rest);
    } else if (option.then !== 'idle') {
      ws.once('pong', () => ws.close(1000, 'done'));
      ws.ping('still there?');
    }
  };
  const watch = () => {
    clearTimeout(patience);
    if (option.patience) patience = setTimeout(() => ws.close(1001, 'nothing heard'), Number(option.patience));
  };

  ws.on('upgrade', (response) => {
    account = new Account(response.socket.localPort);
  });
  ws.on('open', () => {
    watch();
    next();
  });
  ws.on('message', (data, isBinary) => {
    account.add('server', data, isBinary);
    watch();
    const greeting = account.server.length === 1;
    if (!greeting) next();
  });
  ws.on('unexpected-response', (request, response) => {
    console.log(`refused: ${response.statusCode} ${response.statusMessage}`);
    response.resume();
    response.on('end', () => agent.destroy());
  });
  ws.on('error', (error) => {
    console.log(`error: ${error.message}`);
    account = undefined; // what came after the error was not understood, so this side cannot tell it
  });
  ws.on('close', (code, reason) => {
    clearTimeout(patience);
    console.log(`closed: ${code} ${reason}`);
    account?.write(`client-${process.pid}`);
    agent.destroy();
  });
}

function get(agent, paths) {
  if (paths.length === 0) return talk(agent);
  const [path, ...rest] = paths;
  const request = http.get(new URL(path, option.url.replace(/^ws/, 'http')), { agent });
  request.on('response', (response) => response.resume());
  request.on('close', () => setImmediate(get, agent, rest));
}

function negotiate(then) {
  if (!option.negotiate) return then();
  const request = http.request(option.negotiate, { method: 'POST', agent: false }, (response) => {
    let body = '';
    response.on('data', (piece) => (body += piece));
    response.on('end', () => {
      option.url += `?id=${JSON.parse(body).connectionId}`;
      then();
    });
  });
  request.end();
}

const { Agent } = option.url.startsWith('wss') ? https : http;
negotiate(() => get(new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: option.insecure !== 'yes' }), option.get ? option.get.split(',') : []));
