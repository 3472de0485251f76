// ws talks to the libwebsockets test server on port 7681 in two of its subprotocols.
'use strict'
const { once } = require('node:events')
require('./truth').hear()
const WebSocket = require('ws')

async function connect(protocol) {
  const client = new WebSocket('ws://127.0.0.1:7681/', protocol)
  await once(client, 'open')
  return client
}

async function hearSome(client, messages) {
  for (let n = 0; n < messages; n++) await once(client, 'message')
}

async function main() {
  const counter = await connect('dumb-increment-protocol')
  await hearSome(counter, 5)
  counter.send('reset\n')
  await hearSome(counter, 5)
  counter.close(1000)
  await once(counter, 'close')

  const mirror = await connect('lws-mirror-protocol')
  for (const line of ['d 10 10 20 20;', 'd 20 20 30 30;', `t ${'back and forth '.repeat(40)};`]) {
    const mirrored = once(mirror, 'message')
    mirror.send(line)
    await mirrored
  }
  mirror.close(1000)
  await once(mirror, 'close')
}

main()
