// node client.js HOST:PORT talks over WebSockets with a server that echoes, behind a proxy that forgets to forward the upgrade
// under /forgetful, and ends with status 0 when everything went as it must.
'use strict'
const { once } = require('node:events')
const { randomBytes } = require('node:crypto')
const assert = require('node:assert')
const WebSocket = require('ws')

const address = process.argv[2]

function dial(path, protocols, options) {
  return new WebSocket(`ws://${address}${path}`, protocols, { maxPayload: 64 << 20, ...options })
}

// Sends every message and gets it back.
async function converse(path, protocols, options, messages) {
  const ws = dial(path, protocols, options)
  await once(ws, 'open')
  for (const message of messages) {
    const echo = once(ws, 'message')
    ws.send(message)
    const [data] = await echo
    assert(Buffer.from(message).equals(data))
  }
  const pong = once(ws, 'pong')
  ws.ping('still there?')
  await pong
  const closed = once(ws, 'close')
  ws.close(1000, 'done')
  assert.strictEqual((await closed)[0], 1000)
}

async function refused(path, status) {
  const ws = dial(path)
  ws.on('error', () => {})
  const [request, response] = await once(ws, 'unexpected-response')
  assert.strictEqual(response.statusCode, status)
  const gone = once(request, 'close')
  request.destroy()
  await gone
}

async function main() {
  const plain = { perMessageDeflate: false }
  await converse('/chat', ['chat', 'news'], {}, ['hello', '', JSON.stringify({ text: 'again '.repeat(1000) }), 'Grüße, 世界'])
  await refused('/forgetful/chat', 426)
  await refused('/private', 401)
  // Far more than a segment of 64 KiB, in both directions.
  await converse('/large', [], plain, [randomBytes(256 << 10), randomBytes(100), randomBytes(1 << 20)])
  const several = Array.from({ length: 8 }, (_, n) => converse(`/together/${n}`, [], n % 2 ? plain : {}, ['one', 'two '.repeat(n * 500), 'three']))
  await Promise.all([...several, refused('/forgetful/together', 426)])
}

main().catch((err) => {
  console.error(err)
  process.exit(1)
})
