// Ways in which a connection ends: closings.js VARIANT.
'use strict'
const net = require('node:net')
const { randomBytes } = require('node:crypto')
const { setTimeout: pause } = require('node:timers/promises')
const { once, host, port, listen, connect, talk, close } = require('./talk')
const { account, sent } = require('./truth')

// A client that speaks TCP only, so that it can do what ws would not: it sends an upgrade, then whatever it likes.
async function rawClient(server) {
  const accepted = once(server, 'connection')
  const socket = net.connect(port, host)
  socket.write(`GET / HTTP/1.1\r\nHost: ${host}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`)
  socket.resume()
  const [ws] = await accepted
  ws.on('error', () => {})
  account(socket.localPort, 'client')
  return { socket, ws }
}

// Final frames of at most 125 bytes; the mask is zero, so the payload shows as it is.
const masked = (opcode, payload) => Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length, 0, 0, 0, 0]), payload])
const unmasked = (opcode, payload) => Buffer.concat([Buffer.from([0x80 | opcode, payload.length]), payload])

// Sends a text message in a frame of either kind.
function sendText(socket, frame, payload) {
  sent(socket.localPort, 'client', 'text', payload)
  socket.write(frame(1, payload))
}

// Both ends have exchanged a message.
async function conversing(server) {
  const { client, ws } = await connect(server)
  await talk(client, ws, ['hello'], ['hello to you'])
  return { client, ws, closed: Promise.all([once(client, 'close'), once(ws, 'close')]) }
}

const variants = {
  async codes(server) {
    const bodies = [[], [1000], [1001, 'going away'], [1008, 'policy'], [1011, 'internal error'], [1012, 'service restart'], [1013], [3000, 'unauthorized'], [4001, 'Sitzung geschlossen: zu spät'], [4999, 'x'.repeat(123)]]
    for (const body of bodies) {
      const fromClient = await connect(server)
      await close(fromClient.client, fromClient.ws, ...body)
      const fromServer = await connect(server)
      await close(fromServer.ws, fromServer.client, ...body)
    }
  },
  async terminate(server) {
    const { ws, closed } = await conversing(server)
    ws.terminate()
    await closed
  },
  async 'client-terminate'(server) {
    const { client, closed } = await conversing(server)
    client.terminate()
    await closed
  },
  async reset(server) {
    const { client, ws, closed } = await conversing(server)
    client.on('error', () => {})
    ws._socket.resetAndDestroy()
    await closed
  },
  async 'ping-unanswered'(server) {
    const { socket, ws } = await rawClient(server)
    for (const n of [1, 2, 3]) {
      ws.ping(`ping ${n}`)
      await pause(300)
    }
    ws.terminate()
    await once(socket, 'close')
  },
  async 'too-big'(server) {
    const { client, ws } = await connect(server)
    ws.on('error', () => {})
    const closed = once(client, 'close')
    client.send('small enough')
    client.send('x'.repeat(2000))
    await closed
  },
  async idle(server) {
    const { client, ws } = await conversing(server)
    await pause(3000)
    await close(ws, client, 1001, 'idle for too long')
  },
  async unmasked(server) {
    const { socket } = await rawClient(server)
    sendText(socket, masked, Buffer.from('masked'))
    sendText(socket, unmasked, Buffer.from('unmasked'))
    await once(socket, 'close')
  },
  async 'not-utf8'(server) {
    const { socket } = await rawClient(server)
    sendText(socket, masked, Buffer.from('Gr\xfc\xdfe', 'latin1'))
    await once(socket, 'close')
  },
  async 'data-after-close'(server) {
    const { socket } = await rawClient(server)
    socket.write(masked(8, Buffer.from([3, 0xe8])))
    sendText(socket, masked, Buffer.from('one more thing'))
    await once(socket, 'close')
  },
}

async function main(variant) {
  const server = await listen({ maxPayload: 1000 })
  await variants[variant](server)
  server.close()
}

main(process.argv[2])
