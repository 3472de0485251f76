// wss.js [name=value...]: an HTTPS server with ws in it on port 8443 and a client, which asks for a page and then upgrades on the
// same TLS connection. The server logs the secrets.
//   log=premaster   the client logs, and of that only the pre-master secrets are kept, which follow from RSA key exchange
//   version=V       TLSv1.2 or TLSv1.3, for both
//   ciphers=LIST    of OpenSSL, for both
//   options=N       secureOptions (SSL_OP_* of OpenSSL), for both
//   curves=A,B      that the server takes and that the client offers
//   sessions=N      connections one after the other, which resume the session of the first
'use strict'
const https = require('node:https')
const { readFileSync, appendFileSync } = require('node:fs')
const { once } = require('node:events')
const { text } = require('node:stream/consumers')
const { setTimeout: pause } = require('node:timers/promises')
const WebSocket = require('ws')
require('../node/truth')
const { json, noise } = require('../node/messages')

const option = Object.fromEntries(process.argv.slice(2).map((argument) => argument.split(/=(.*)/s)))
const tls = {}
if (option.version) Object.assign(tls, { minVersion: option.version, maxVersion: option.version })
if (option.ciphers) tls.ciphers = option.ciphers
if (option.options) tls.secureOptions = Number(option.options)
const [serverCurves, clientCurves] = option.curves?.split(',') ?? []

const { certificate, keys } = process.env
const fromClient = ['', 'x', json(300, 1), noise(3000, 2), json(40000, 3)]
const fromServer = ['Grüße, 世界', json(300, 4), noise(20000, 5), '', json(200, 6)]

async function say(from, to, message) {
  const heard = once(to, 'message')
  from.send(message)
  await heard
}

async function converse(sockets, session) {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 })
  const tlsClient = { agent, session, servername: 'localhost', rejectUnauthorized: false, ...tls, ...(clientCurves && { ecdhCurve: clientCurves }) }
  if (option.log === 'premaster') agent.on('keylog', (line) => { if (line.toString().startsWith('RSA ')) appendFileSync(keys, line) })
  const free = once(agent, 'free')
  const request = https.get('https://127.0.0.1:8443/', tlsClient)
  const [socket] = await once(request, 'socket')
  socket.on('session', (ticket) => { session = ticket })
  const [response] = await once(request, 'response')
  await text(response)
  await free
  const accepted = once(sockets, 'connection')
  const client = new WebSocket('wss://127.0.0.1:8443/feed', { ...tlsClient, perMessageDeflate: false })
  const [[ws]] = await Promise.all([accepted, once(client, 'open')])
  for (const i of fromClient.keys()) {
    await say(client, ws, fromClient[i])
    await say(ws, client, fromServer[i])
  }
  const closed = [once(client, 'close'), once(ws, 'close')]
  client.close(1000, 'done')
  await Promise.all(closed)
  return session
}

async function main() {
  const server = https.createServer({
    key: readFileSync(`${certificate}.key`), cert: readFileSync(`${certificate}.pem`), ALPNProtocols: ['http/1.1'], ...tls, ...(serverCurves && { ecdhCurve: serverCurves }),
  })
  if (option.log !== 'premaster') server.on('keylog', (line) => appendFileSync(keys, line))
  const known = new Map()
  server.on('newSession', (id, data, done) => { known.set(id.toString('hex'), data); done() })
  server.on('resumeSession', (id, done) => done(null, known.get(id.toString('hex')) ?? null))
  server.on('request', (request, response) => response.end(`this is ${request.url}\n`.repeat(50)))
  const sockets = new WebSocket.Server({ server })
  server.listen(8443, '127.0.0.1')
  await once(server, 'listening')
  let session
  for (let n = 0; n < (option.sessions ?? 1); n++) session = await converse(sockets, session)
  server.close()
}

main()
