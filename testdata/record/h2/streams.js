// WebSockets on streams of HTTP/2 (RFC 8441) with the frames of ws, and the account of what was sent on each, by the client's port
// and the stream's number, in $truth.
'use strict'
const { createHash } = require('node:crypto')
const { writeFileSync } = require('node:fs')
const WebSocket = require('ws')

const connections = new Map()

// account gives the messages of one side of a stream so far.
function account(port, stream, side) {
  const key = `${port}/${stream}`
  if (!connections.has(key)) connections.set(key, { client_port: port, stream })
  return (connections.get(key)[side] ??= [])
}

function sent(port, stream, side, opcode, payload) {
  const sha256 = createHash('sha256').update(payload).digest('hex')
  account(port, stream, side).push({ opcode, length: Buffer.byteLength(payload), sha256 })
}

process.on('exit', () => {
  const lines = [...connections.values()].map((c) => JSON.stringify(c) + '\n')
  if (lines.length) writeFileSync(`${process.env.truth}/${process.pid}.ndjson`, lines.join(''))
})

// deflateOf makes the extension of a side.
const deflateOf = (isServer, options) => new WebSocket.PerMessageDeflate({ threshold: 0, ...options, isServer, maxPayload: 1 << 24 })

// open makes a WebSocket of a stream whose handshake is done. side is its own.
function open(stream, side, port, deflate, heard = false) {
  const ws = new WebSocket(null, undefined, {})
  ws._isServer = side === 'server'
  if (deflate) ws._extensions[WebSocket.PerMessageDeflate.extensionName] = deflate
  const id = stream.id
  account(port, id, side)
  if (heard) account(port, id, side === 'server' ? 'client' : 'server')
  ws.on('message', (data, binary) => { if (heard) sent(port, id, side === 'server' ? 'client' : 'server', binary ? 'binary' : 'text', data) })
  ws.on('error', () => {})
  ws.setSocket(stream, Buffer.alloc(0), { maxPayload: 1 << 24 })
  ws.greeted = new Promise((resolve) => ws.once('message', resolve))
  ws.say = (data) => {
    sent(port, id, side, typeof data === 'string' ? 'text' : 'binary', data)
    ws.send(data)
  }
  return ws
}

// accept answers an extended CONNECT on the server's side with 200.
function accept(stream, headers, { deflate, protocol, heard } = {}) {
  const answer = { ':status': 200 }
  let extension
  const offers = headers['sec-websocket-extensions']
  if (deflate && offers) {
    extension = deflateOf(true, deflate)
    extension.accept(WebSocket.extension.parse(offers)['permessage-deflate'])
    answer['sec-websocket-extensions'] = WebSocket.extension.format({ 'permessage-deflate': extension.params })
  }
  if (protocol && headers['sec-websocket-protocol']) answer['sec-websocket-protocol'] = protocol
  stream.respond(answer)
  return open(stream, 'server', stream.session.socket.remotePort, extension, heard)
}

// connect opens a WebSocket on a session of a client; it is refused with the head of the answer.
function connect(session, path, { deflate, protocol, heard, headers } = {}) {
  const extension = deflate && deflateOf(false, deflate)
  const request = { ':method': 'CONNECT', ':protocol': 'websocket', ':path': path, 'sec-websocket-version': '13', ...headers }
  if (extension) request['sec-websocket-extensions'] = WebSocket.extension.format({ 'permessage-deflate': extension.offer() })
  if (protocol) request['sec-websocket-protocol'] = protocol
  const stream = session.request(request, { endStream: false })
  return new Promise((resolve, reject) => {
    stream.on('error', reject)
    stream.on('response', (head) => {
      if (head[':status'] !== 200) {
        stream.resume()
        return stream.on('end', () => { stream.end(); reject(new Error(`refused: ${head[':status']}`)) })
      }
      const accepted = head['sec-websocket-extensions']
      if (accepted) extension.accept(WebSocket.extension.parse(accepted)['permessage-deflate'])
      resolve(open(stream, 'client', session.socket.localPort, accepted ? extension : undefined, heard))
    })
  })
}

module.exports = { account, sent, open, accept, connect }
