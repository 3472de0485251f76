// Ways in which a connection begins: beginnings.js VARIANT.
'use strict'
const net = require('node:net')
const { text } = require('node:stream/consumers')
const { sent } = require('./truth')
const { http, once, WebSocket, host, port, address, connect, talk, close } = require('./talk')

async function serve(server) {
  server.listen(port, host)
  await once(server, 'listening')
}

const variants = {
  // The agent keeps the TCP connection of two plain requests, and the upgrade takes it.
  async 'keep-alive'() {
    const web = http.createServer((request, response) => response.end(`this is ${request.url}\n`))
    const server = new WebSocket.Server({ server: web })
    await serve(web)
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    for (const path of ['/login', '/config.json']) {
      const free = once(agent, 'free')
      const [response] = await once(http.get({ host, port, path, agent }), 'response')
      await text(response)
      await free
    }
    const { client, ws } = await connect(server, { agent, path: '/feed' })
    await talk(client, ws, ['after two requests', 'x'], ['on the same connection', 'y'])
    await close(client, ws, 1000)
    web.close()
  },
  // The server's first messages leave in the segment of the 101.
  async 'server-speaks-at-once'() {
    const web = http.createServer()
    const server = new WebSocket.Server({ noServer: true })
    const opened = new Promise((resolve) => {
      web.on('upgrade', (request, socket, head) => {
        socket.cork()
        server.handleUpgrade(request, socket, head, (ws) => {
          ws.send('{"type":"hello"}')
          ws.send(Buffer.from([1, 2, 3]))
          ws.ping('with the 101')
          socket.uncork()
          resolve(ws)
        })
      })
    })
    await serve(web)
    const client = new WebSocket(`ws://${address}/`, { perMessageDeflate: false })
    const pinged = once(client, 'ping')
    const ws = await opened
    await pinged
    await talk(client, ws, ['hello'], [])
    await close(client, ws, 1000)
    web.close()
  },
  // The client does not wait for the 101: its first frame is in the segment of the request (against RFC 6455 section 4.1).
  async 'client-speaks-at-once'() {
    const server = new WebSocket.Server({ host, port })
    await once(server, 'listening')
    const socket = net.connect(port, host)
    const request = `GET / HTTP/1.1\r\nHost: ${address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: d3NoYWtlLXJlY29yZGluZw==\r\n\r\n`
    const hello = Buffer.from([0x81, 0x85, 0, 0, 0, 0, ...Buffer.from('hello')])
    const bye = Buffer.from([0x88, 0x82, 0, 0, 0, 0, 3, 0xe8])
    socket.resume()
    server.on('connection', (ws) => ws.on('message', () => { ws.send('hello to you'); socket.write(bye) }))
    await once(socket, 'connect')
    socket.write(Buffer.concat([Buffer.from(request), hello]))
    sent(socket.localPort, 'client', 'text', 'hello')
    await once(socket, 'close')
    server.close()
  },
}

variants[process.argv[2]]()
