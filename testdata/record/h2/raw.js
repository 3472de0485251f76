// raw.js SCRIPT: a client that writes frames itself, for what no library sends. It prints what it hears and ends when the server does, or
// after a second. Scripts are below.
'use strict'
const net = require('node:net')
const { setTimeout: pause } = require('node:timers/promises')

const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'

function frame(type, flags, stream, payload = Buffer.alloc(0)) {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

// block encodes fields as literals that are not indexed (RFC 7541 section 6.2.2); all are shorter than 127 octets.
const block = (fields) => Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0, name.length]), Buffer.from(name), Buffer.from([value.length]), Buffer.from(value)]))
const headers = (stream, fields, end = false) => frame(1, 4 | (end ? 1 : 0), stream, block(fields))
const settings = () => frame(4, 0, 0)
const acknowledge = () => frame(4, 1, 0)
const data = (stream, payload, end = false) => frame(0, end ? 1 : 0, stream, payload)
const masked = (text) => Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)])

const extended = [[':method', 'CONNECT'], [':protocol', 'websocket'], [':scheme', 'http'], [':path', '/echo'], [':authority', 'localhost:8080']]
const version = ['sec-websocket-version', '13']

const scripts = {
  // The way of RFC 6455, tried inside HTTP/2.
  'upgrade-fields': async (send) => {
    send(preface, settings())
    await pause(100)
    send(acknowledge(), headers(1, [[':method', 'GET'], [':scheme', 'http'], [':path', '/chat'], [':authority', 'localhost:8080'], ['connection', 'Upgrade'],
      ['upgrade', 'websocket'], version, ['sec-websocket-key', 'dGhlIHNhbXBsZSBub25jZQ==']], true))
  },
  // An extended CONNECT to whom did not allow it.
  'extended': async (send) => {
    send(preface, settings())
    await pause(100)
    send(acknowledge(), headers(1, [...extended, version]))
  },
  'too-early': async (send) => send(preface, settings(), headers(1, [...extended, version])),
  'pseudo-fields': async (send) => {
    send(preface, settings())
    await pause(100)
    send(acknowledge(), headers(1, [...extended.filter(([name]) => name !== ':path'), version]))
  },
  'unknown-protocol': async (send) => {
    send(preface, settings())
    await pause(100)
    send(acknowledge(), headers(1, [[':method', 'CONNECT'], [':protocol', 'chat-over-carrier-pigeon'], ...extended.slice(2)]))
  },
  'http1-inside': async (send) => {
    send(preface, settings())
    await pause(100)
    send(acknowledge(), 'GET /chat HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  },
  // From HTTP/1.1 to HTTP/2 (RFC 7540 section 3.2), then a WebSocket on stream 3.
  'h2c-upgrade': async (send) => {
    send('GET /page HTTP/1.1\r\nHost: localhost:8080\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n')
    await pause(200)
    send(preface, settings(), acknowledge())
    await pause(200)
    send(headers(3, [...extended, version]))
    await pause(200)
    for (const text of ['hello', 'over h2c', 'bye']) {
      send(data(3, masked(text)))
      await pause(50)
    }
    send(data(3, Buffer.from([0x88, 0x82, 0, 0, 0, 0, 3, 0xe8])))
    await pause(200)
    send(data(3, Buffer.alloc(0), true), frame(7, 0, 0, Buffer.alloc(8)))
  },
}

const socket = net.connect(8080, '127.0.0.1', async () => {
  await scripts[process.argv[2]]((...pieces) => socket.write(Buffer.concat(pieces.map((piece) => Buffer.from(piece)))))
  await pause(1000)
  socket.end()
})
socket.on('data', (heard) => console.log(heard.toString('latin1').replace(/[^ -~]/g, '.')))
socket.on('error', (error) => console.log(error.message))
