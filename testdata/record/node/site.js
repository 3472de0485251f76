// A web site without WebSockets, on port 8080: a page, a list in chunks, an upload, something unchanged.
'use strict'
const { createServer } = require('node:http')
const { gzipSync } = require('node:zlib')

const page = '<!doctype html>\n<title>Site</title>\n<p>Nothing to upgrade here.</p>\n'.repeat(20)

createServer(async (request, response) => {
  request.resume()
  switch (request.url) {
    case '/':
      return response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Length': page.length }).end(page)
    case '/gzip':
      return response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Encoding': 'gzip' }).end(gzipSync(page))
    case '/list':
      response.writeHead(200, { 'Content-Type': 'text/plain' })
      for (const line of ['one\n', 'two\n', 'three\n']) response.write(line)
      return response.end()
    case '/unchanged':
      return response.writeHead(304, { ETag: '"1"' }).end()
    case '/upload':
      return request.on('end', () => response.writeHead(201, { Location: '/uploads/1' }).end())
    default:
      return response.writeHead(404).end('no such page\n')
  }
}).listen(8080, '127.0.0.1')
