// connect.js: a proxy on port 8080 that opens tunnels (RFC 9110 section 9.3.6) to 127.0.0.1, whatever host is asked for.
'use strict'
const http = require('node:http')
const net = require('node:net')

const proxy = http.createServer((request, response) => response.writeHead(405).end())
proxy.on('connect', (request, client, head) => {
  const server = net.connect(Number(request.url.split(':')[1]), '127.0.0.1', () => {
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
    server.write(head)
    client.pipe(server).pipe(client)
  })
  server.on('error', () => client.destroy())
  client.on('error', () => server.destroy())
})
proxy.listen(8080, '127.0.0.1')
