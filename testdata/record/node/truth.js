// Keeps account of what the applications on both ends sent, as they handed it to ws, in $truth/node.ndjson: one line per
// connection, named by the client's port; a message is {opcode, length, sha256} of its payload before compression.
'use strict'
const { createHash } = require('node:crypto')
const { writeFileSync } = require('node:fs')
const WebSocket = require('ws')

const connections = new Map() // by client port; a side has an entry if it lives in this process
let heard = false
const unfinished = new WeakMap() // WebSocket -> {opcode, pieces} of a message sent in fragments

// The messages of one side, 'client' or 'server', so far.
function account(port, side) {
  if (!connections.has(port)) connections.set(port, { client_port: port })
  return (connections.get(port)[side] ??= [])
}

function sent(port, side, opcode, payload) {
  const sha256 = createHash('sha256').update(payload).digest('hex')
  account(port, side).push({ opcode, length: Buffer.byteLength(payload), sha256 })
}

const side = (ws) => (ws._isServer ? 'server' : 'client')
const clientPort = (ws) => (ws._isServer ? ws._socket.remotePort : ws._socket.localPort)

// setSocket and send are where every use of ws passes, also inside socket.io, graphql-ws and mqtt.
const { setSocket, send } = WebSocket.prototype
WebSocket.prototype.setSocket = function (socket, ...rest) {
  setSocket.call(this, socket, ...rest)
  account(clientPort(this), side(this))
  if (heard) {
    const port = clientPort(this)
    account(port, 'server')
    this.on('message', (data, isBinary) => sent(port, 'server', isBinary ? 'binary' : 'text', data))
  }
}
WebSocket.prototype.send = function (data, options, ...rest) {
  if (this.readyState === WebSocket.OPEN) {
    const given = typeof options === 'object' ? options : {}
    const opcode = (given.binary ?? typeof data !== 'string') ? 'binary' : 'text'
    const message = unfinished.get(this) ?? { opcode, pieces: [] }
    message.pieces.push(Buffer.from(data))
    unfinished.set(this, message)
    if (given.fin !== false) {
      unfinished.delete(this)
      sent(clientPort(this), side(this), message.opcode, Buffer.concat(message.pieces))
    }
  }
  return send.call(this, data, options, ...rest)
}

// For a server whose program is not ours: what the clients receive stands for what it sent.
function hear() {
  heard = true
}

process.on('exit', () => {
  const lines = [...connections.values()].map((c) => JSON.stringify(c) + '\n')
  if (lines.length) writeFileSync(`${process.env.truth}/node.ndjson`, lines.join(''))
})

module.exports = { account, sent, hear }
