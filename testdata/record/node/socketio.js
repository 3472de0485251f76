// socket.io on both ends: it begins with HTTP long polling and then upgrades to a WebSocket.
'use strict'
const { http, once, host, port, address } = require('./talk')
const { json } = require('./messages')
const { Server } = require('socket.io')
const { io } = require('socket.io-client')

async function main() {
  const web = http.createServer()
  const server = new Server(web, { perMessageDeflate: { threshold: 512 } })
  server.on('connection', (socket) => {
    socket.on('order', (order, answer) => answer({ accepted: order.id }))
    socket.on('picture', (bytes, answer) => answer(Buffer.from(bytes).reverse()))
  })
  web.listen(port, host)
  await once(web, 'listening')
  const client = io(`http://${address}`)
  await new Promise((resolve) => client.on('connect', () => client.io.engine.once('upgrade', resolve)))
  await client.emitWithAck('order', { id: 1, lines: [] })
  await client.emitWithAck('order', { id: 2, lines: JSON.parse(json(3000, 1)) })
  await client.emitWithAck('picture', Buffer.from([0, 1, 2, 3]))
  const [socket] = await server.fetchSockets()
  const gone = new Promise((resolve) => server.sockets.sockets.get(socket.id).on('disconnect', resolve))
  client.disconnect()
  await gone
  await server.close()
}

main()
