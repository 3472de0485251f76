// A browser opens page.html, whose socket talks to ws: browser.js COMMAND VARIANT, where COMMAND is a command of env(1) that
// gets the page's URL as its argument. The browser ends when the page has reported how its socket ended.
'use strict'
const { readFileSync, appendFileSync } = require('node:fs')
const { join } = require('node:path')
const { spawn } = require('node:child_process')
const { text } = require('node:stream/consumers')
const https = require('node:https')
const { http, once, WebSocket, host, port, address } = require('./talk')
const { json, noise, counters } = require('./messages')

const variants = {
  deflate: { options: { perMessageDeflate: true }, query: '' },
  tls: { options: { perMessageDeflate: true }, query: '', certificate: process.env.certificate },
  'window-10': { options: { perMessageDeflate: { serverMaxWindowBits: 10, clientMaxWindowBits: 10 } }, query: '' },
  'protocol-unanswered': { options: { handleProtocols: () => false }, query: '?protocol=chat.v2&protocol=chat.v1&messages=3' },
}
const answers = ['', 'y', json(300, 1), json(300, 2), json(4000, 3), counters(2500, 4), noise(3000, 5), json(50000, 6), json(300, 1), Buffer.alloc(0), json(2000, 7)]

async function main(command, variant) {
  const { options, query, certificate } = variants[variant]
  const server = certificate ? https.createServer({ key: readFileSync(`${certificate}.key`), cert: readFileSync(`${certificate}.pem`) }) : http.createServer()
  const ended = new Promise((resolve) => {
    server.on('request', async (request, response) => {
      if (request.method === 'GET') {
        response.setHeader('Content-Type', 'text/html')
        return response.end(readFileSync(join(__dirname, 'page.html')))
      }
      const report = await text(request)
      if (request.url === '/sent') appendFileSync(`${process.env.truth}/page.ndjson`, JSON.stringify({ client_port, client: JSON.parse(report) }) + '\n')
      response.writeHead(204).end()
      if (request.url === '/ended') resolve(report)
    })
  })
  let client_port
  const sockets = new WebSocket.Server({ server, ...options })
  sockets.on('connection', (ws, request) => {
    client_port = request.socket.remotePort
    const left = [...answers]
    ws.on('message', () => ws.send(left.shift()))
  })
  server.listen(port, host)
  await once(server, 'listening')
  const browser = spawn('sh', ['-c', `exec env ${command} "$0"`, `${certificate ? 'https' : 'http'}://${address}/${query}`], { stdio: 'ignore' })
  await ended
  browser.kill()
  await once(browser, 'exit')
  server.close()
}

main(process.argv[2], process.argv[3])
