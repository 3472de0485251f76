// matrix.js server: echo servers of ws on port 8101 and socket.io on 8102, with a page for browsers on 8100.
// matrix.js client ROUNDS PORT...: clients of ws and socket.io, one conversation after the other.
// matrix.js browse COMMAND...: a browser opens the page of port 8100, until it has reported.
'use strict'
const { readFileSync } = require('node:fs')
const { join } = require('node:path')
const { spawn } = require('node:child_process')
const http = require('node:http')
const { once } = require('node:events')
const WebSocket = require('ws')
const { Server } = require('socket.io')
const { io } = require('socket.io-client')

const message = 'Grüße an alle '.repeat(8)

function serve() {
  const page = http.createServer((request, response) => {
    if (request.method === 'POST') {
      response.writeHead(204).end()
      return process.emit('reported')
    }
    response.setHeader('Content-Type', 'text/html')
    response.end(readFileSync(join(__dirname, 'page.html')))
  }).listen(8100, '127.0.0.1')
  void page
  new WebSocket.Server({ host: '127.0.0.1', port: 8101, perMessageDeflate: { threshold: 0 } })
    .on('connection', (ws) => ws.on('message', (data, binary) => ws.send(data, { binary })))
  const web = http.createServer().listen(8102, '127.0.0.1')
  new Server(web, { serveClient: false }).on('connection', (socket) => socket.on('echo', (text, answer) => answer(text)))
}

async function client(rounds, ports) {
  for (let n = 0; n < rounds; n++) {
    for (const port of ports) {
      if (port === '8102') {
        const socket = io(`http://127.0.0.1:${port}`, { transports: ['websocket'], forceNew: true })
        await once(socket, 'connect')
        await socket.emitWithAck('echo', message)
        const gone = once(socket.io.engine, 'close')
        socket.disconnect()
        await gone
        continue
      }
      const ws = new WebSocket(`ws://127.0.0.1:${port}/echo`)
      await once(ws, 'open')
      ws.send(message)
      await once(ws, 'message')
      ws.close(1000)
      await once(ws, 'close')
    }
  }
}

async function browse(command, query) {
  const server = http.createServer((request, response) => response.writeHead(204, { 'Access-Control-Allow-Origin': '*' }).end())
  server.listen(8099, '127.0.0.1')
  const browser = spawn('sh', ['-c', `exec env ${command} "$0"`, `http://127.0.0.1:8100/?${query}`], { stdio: 'ignore' })
  await once(server, 'request')
  browser.kill()
  await once(browser, 'exit')
  process.exit()
}

const [what, ...rest] = process.argv.slice(2)
if (what === 'server') serve()
else if (what === 'client') client(Number(rest[0]), rest.slice(1)).then(() => process.exit())
else browse(rest[0], rest[1])
