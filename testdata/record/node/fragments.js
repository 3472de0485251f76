// Compressed and plain messages in fragments, with control frames between them (RFC 6455 section 5.4, RFC 7692 section 6.1).
'use strict'
const { once, listen, connect, talk, ping, close } = require('./talk')
const { json, noise } = require('./messages')

// Sends payload in pieces of the given length, a ping between every two.
async function inPieces(from, to, payload, length, options) {
  const heard = once(to, 'message')
  for (let at = 0; at < payload.length; at += length) {
    const fin = at + length >= payload.length
    from.send(payload.slice(at, at + length), { ...options, fin })
    if (!fin) await ping(from, `after ${at + length}`)
  }
  await heard
}

// Ends a message with an empty final fragment, as streaming senders do.
async function emptyEnd(from, to, payload, options) {
  const heard = once(to, 'message')
  from.send(payload, { ...options, fin: false })
  from.send('', { ...options, fin: true })
  await heard
}

async function main() {
  const server = await listen({ perMessageDeflate: { threshold: 0 } })
  const { client, ws } = await connect(server, { perMessageDeflate: { threshold: 0 } })
  await inPieces(client, ws, json(9000, 1), 2000, { compress: true })
  await inPieces(ws, client, json(9000, 2), 1500, { compress: true })
  await inPieces(client, ws, noise(3000, 3), 1000, { compress: true, binary: true })
  await inPieces(ws, client, json(3000, 2), 1000, { compress: false })
  await talk(client, ws, [json(500, 4), ''], [json(500, 5), ''])
  await emptyEnd(client, ws, json(2000, 4), { compress: true })
  await emptyEnd(ws, client, json(2000, 5), { compress: true })
  await emptyEnd(ws, client, '', { compress: true })
  await inPieces(ws, client, json(40000, 6), 10000, { compress: true })
  await close(ws, client, 1001, 'going away')
  server.close()
}

main()
