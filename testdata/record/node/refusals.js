// A server that answers an upgrade with something else than 101: refusals.js REFUSAL.
'use strict'
const { http, once, WebSocket, host, port, address, listen } = require('./talk')

// A server without an upgrade listener treats the upgrade as any other request.
const answers = (status, headers, body) => async () => {
  const server = http.createServer((request, response) => response.writeHead(status, headers).end(body))
  server.listen(port, host)
  await once(server, 'listening')
  return server
}
const html = { 'Content-Type': 'text/html; charset=utf-8' }
const page = (title) => `<!doctype html>\n<title>${title}</title>\n<h1>${title}</h1>\n`
const ask = { 'WWW-Authenticate': 'Bearer realm="feed", error="invalid_token"', 'Content-Type': 'application/json' }

const refusals = {
  200: { serve: answers(200, html, page('Welcome')) },
  302: { serve: answers(302, { Location: 'https://login.example/?next=%2Ffeed' }, '') },
  401: { serve: answers(401, ask, '{"error":"token expired"}') },
  403: { serve: () => listen({ verifyClient: ({ origin }, decide) => decide(origin === 'https://example.org', 403, 'Forbidden origin') }), origin: 'https://evil.example' },
  404: { serve: answers(404, html, page('Not Found')) },
  version: { serve: listen, version: '99' },
}

// ws as the client; it drops the connection when it has seen the status.
async function refused(server, origin) {
  const client = new WebSocket(`ws://${address}/feed`, { origin })
  await once(client, 'error')
  server.close()
}

// ws speaks versions 8 and 13 only, so another one is asked for by hand.
async function refusedVersion(server, version) {
  const headers = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': version, 'Sec-WebSocket-Key': 'd3NoYWtlLXJlY29yZGluZw==' }
  const [response] = await once(http.get(`http://${address}/feed`, { headers }), 'response')
  response.resume()
  await once(response, 'close')
  server.close()
}

async function main({ serve, origin, version }) {
  const server = await serve()
  await (version ? refusedVersion(server, version) : refused(server, origin))
}

main(refusals[process.argv[2]])
