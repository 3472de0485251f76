// server.js [name=value...]: a server of HTTP/2 on port 8080 that takes WebSockets (RFC 8441) and ordinary requests.
//   tls=yes            TLS with $certificate; secrets go to $keys
//   http1=yes          HTTP/1.1, too, if the client's ALPN wants it; ws answers there
//   connect=no         without SETTINGS_ENABLE_CONNECT_PROTOCOL
//   deflate=yes        accepts permessage-deflate
//   heard=yes          answers for both sides' messages: the client keeps no account
//   window=N           SETTINGS_INITIAL_WINDOW_SIZE
//   sockets=N          ends when so many WebSockets are over
// Paths: /echo sends each message back; /slow reads nothing for 1.5 s; /403, /404 and /reset refuse; /page is a page.
'use strict'
const http2 = require('node:http2')
const { readFileSync, appendFileSync } = require('node:fs')
const { accept } = require('./streams')

const option = Object.fromEntries(process.argv.slice(2).map((argument) => argument.split(/=(.*)/s)))
const { certificate, keys } = process.env

const settings = { enableConnectProtocol: option.connect !== 'no', ...(option.window && { initialWindowSize: Number(option.window) }) }
const server = option.tls
  ? http2.createSecureServer({ settings, key: readFileSync(`${certificate}.key`), cert: readFileSync(`${certificate}.pem`), allowHTTP1: option.http1 === 'yes' })
  : http2.createServer({ settings })
server.on('keylog', (line) => appendFileSync(keys, line))
if (option.http1) {
  const WebSocket = require('ws')
  const { account, sent } = require('../node/truth')
  new WebSocket.Server({ server }).on('connection', (ws, request) => {
    const port = request.socket.remotePort
    account(port, 'client') // which keeps no account
    ws.on('message', (data, binary) => {
      sent(port, 'client', binary ? 'binary' : 'text', data)
      ws.send(data, { binary })
    })
    ws.on('close', over)
  })
}

let left = Number(option.sockets ?? 1)
function over() {
  if (--left === 0) setTimeout(() => process.exit(), 300)
}

server.on('stream', (stream, headers) => {
  const path = headers[':path']
  stream.on('error', () => {})
  if (headers[':method'] !== 'CONNECT') {
    stream.resume()
    if (path.startsWith('/page')) {
      stream.respond({ ':status': 200, 'content-type': 'text/html' })
      return stream.end(readFileSync(`${__dirname}/page.html`))
    }
    stream.respond({ ':status': 200, 'content-type': 'text/plain' })
    return stream.end(`this is ${path}\n`.repeat(50))
  }
  switch (path) {
    case '/403':
    case '/404':
      stream.respond({ ':status': Number(path.slice(1)), 'content-type': 'text/plain' })
      return stream.end(`not here: ${path}\n`)
    case '/reset':
      return stream.close(http2.constants.NGHTTP2_REFUSED_STREAM)
  }
  const ws = accept(stream, headers, { deflate: option.deflate && {}, heard: option.heard === 'yes' })
  if (path === '/slow') {
    ws.pause()
    setTimeout(() => ws.resume(), 1500)
  }
  ws.on('message', (data, binary) => ws.say(binary ? data : data.toString()))
  ws.on('close', over)
})
server.listen(8080, '127.0.0.1')
