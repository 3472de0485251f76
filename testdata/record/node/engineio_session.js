// A client asks an engine.io server for a session that the server does not know, as happens when several servers stand behind
// one name without sticky sessions: first by polling, then by an upgrade.
'use strict'
const { http, once, WebSocket, host, port, address } = require('./talk')
const { Server } = require('socket.io')

async function main() {
  const web = http.createServer()
  const server = new Server(web)
  web.listen(port, host)
  await once(web, 'listening')
  const path = '/socket.io/?EIO=4&sid=rUkUjPmYXmWeDHHXAAAB'
  const agent = new http.Agent()
  const [response] = await once(http.get({ host, port, agent, path: `${path}&transport=polling` }), 'response')
  response.resume()
  await once(response, 'end')
  await once(new WebSocket(`ws://${address}${path}&transport=websocket`), 'error')
  await server.close()
}

main()
