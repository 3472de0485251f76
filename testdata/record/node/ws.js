// node ws on both ends: node ws.js VARIANT. The variants differ in how permessage-deflate (RFC 7692) is negotiated.
'use strict'
const { listen, connect, talk, ping, close } = require('./talk')
const { json, noise, counters } = require('./messages')

// Without context takeover ws leaves messages below a threshold (1024 bytes unless told) uncompressed.
const always = { threshold: 0 }
const variants = {
  plain: { client: false, server: false },
  takeover: { client: always, server: always },
  'server-no-takeover': { client: { ...always, serverNoContextTakeover: true }, server: always },
  'client-no-takeover': { client: always, server: { ...always, clientNoContextTakeover: true } },
  'no-takeover': {
    client: { ...always, serverNoContextTakeover: true, clientNoContextTakeover: true },
    server: { ...always, serverNoContextTakeover: true, clientNoContextTakeover: true },
  },
  'window-9': windows(9, 9),
  'window-10': windows(10, 10),
  'window-server-9-client-15': windows(9, 15),
  'window-server-15-client-10': windows(15, 10),
  mixed: { client: { serverNoContextTakeover: true }, server: {}, mixed: true },
}

function windows(server, client) {
  const bits = { ...always, serverMaxWindowBits: server, clientMaxWindowBits: client }
  return { client: bits, server: bits }
}

// Sizes at the edges of the three forms of a frame's length: 125, 126, 65535, 65536.
const edges = {
  client: ['', 'x', 'a'.repeat(125), 'b'.repeat(126), noise(300, 1), Buffer.alloc(0), json(5000, 2), json(200, 3)],
  server: ['', 'Grüße, 世界', counters(125, 4), counters(126, 5), 'c'.repeat(65535), noise(65536, 6), json(700, 7)],
}
const repetitive = {
  client: ['', 'x', json(300, 11), json(300, 12), json(4000, 13), counters(2500, 14), json(100000, 15), noise(3000, 16), json(300, 12), Buffer.alloc(0), json(2000, 17), 'z'.repeat(70000)],
  server: [json(300, 21), '', json(4000, 22), counters(2500, 23), noise(3000, 24), json(100000, 25), json(300, 21), Buffer.alloc(0), json(300, 21), json(2000, 26)],
}
const plain = { compress: false }
const mixed = {
  client: [json(200, 31), json(3000, 32), [json(3000, 32), plain], json(3000, 32), noise(2000, 33), [noise(2000, 33), plain], ''],
  server: [json(3000, 41), [json(3000, 41), plain], json(200, 42), json(3000, 41), [counters(4000, 43), plain], counters(4000, 43), [json(50000, 44), plain], json(50000, 44)],
}

async function main(variant) {
  const chosen = variants[variant]
  const messages = variant === 'plain' ? edges : chosen.mixed ? mixed : repetitive
  const server = await listen({ perMessageDeflate: chosen.server })
  const { client, ws } = await connect(server, { perMessageDeflate: chosen.client })
  await ping(client, 'are you there?')
  await talk(client, ws, messages.client, messages.server)
  await ping(ws, '')
  await close(client, ws, 1000, 'done')
  server.close()
}

main(process.argv[2])
