// socket.io on both ends, over WebSocket alone: events with and without acknowledgement, binary, namespaces, one of them
// refused by a middleware, one that does not exist.
'use strict'
const { http, once, host, port, address } = require('../node/talk')
const { said } = require('./said')
const { Server } = require('socket.io')
const { io } = require('socket.io-client')

async function main() {
  const web = http.createServer()
  const server = new Server(web, { serveClient: false })
  server.on('connection', (socket) => {
    said('server', { type: 'CONNECT', id: socket.id })
    socket.onAnyOutgoing((event) => said('server', { type: 'EVENT', name: event }))
    socket.on('order', (order, answer) => {
      socket.emit('accepted', order.id)
      answer({ id: order.id })
    })
    socket.on('picture', (bytes) => bytes)
  })
  server.of('/admin').use((socket, next) => {
    const refusal = new Error('Not authorized')
    refusal.data = { code: 401 }
    said('server', { type: 'CONNECT_ERROR', name: '/admin', error: refusal.message })
    next(refusal)
  })
  web.listen(port, host)
  await once(web, 'listening')
  const client = io(`http://${address}`, { transports: ['websocket'], reconnection: false })
  said('client', { type: 'CONNECT' })
  client.onAnyOutgoing((event, ...rest) => said('client', { type: rest.some(Buffer.isBuffer) ? 'BINARY_EVENT' : 'EVENT', name: event }))
  await once(client, 'connect')
  await client.emitWithAck('order', { id: 1 })
  client.emit('picture', Buffer.from([0, 1, 2, 3]))
  for (const space of ['/admin', '/nowhere']) {
    said('client', { type: 'CONNECT', name: space })
    const other = client.io.socket(space, { auth: { token: 'x' } })
    other.connect()
    const [error] = await once(other, 'connect_error')
    if (space === '/nowhere') said('server', { type: 'CONNECT_ERROR', name: space, error: error.message })
  }
  const [socket] = await server.fetchSockets()
  const gone = once(server.sockets.sockets.get(socket.id), 'disconnect')
  said('client', { type: 'DISCONNECT' })
  client.disconnect()
  await gone
  await server.close()
}

main()
