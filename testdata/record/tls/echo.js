// echo.js: an HTTPS server on port 8443 whose WebSockets send each message back. It logs the secrets, and what it heard counts
// as what the client, which keeps no account, has sent.
'use strict'
const https = require('node:https')
const { readFileSync, appendFileSync } = require('node:fs')
const WebSocket = require('ws')
const { account, sent } = require('../node/truth')

const { certificate, keys } = process.env
const server = https.createServer({ key: readFileSync(`${certificate}.key`), cert: readFileSync(`${certificate}.pem`) })
server.on('keylog', (line) => appendFileSync(keys, line))
server.on('request', (request, response) => response.end('hello\n'))
new WebSocket.Server({ server }).on('connection', (ws, request) => {
  const port = request.socket.remotePort
  account(port, 'client')
  ws.on('message', (data, binary) => {
    sent(port, 'client', binary ? 'binary' : 'text', data)
    ws.send(data, { binary })
  })
  ws.on('close', () => process.exit())
})
server.listen(8443, '127.0.0.1')
