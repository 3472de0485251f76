// A conversation in lockstep: the client sends its i-th message, the server answers with its own i-th, and so on. One side at
// a time speaks, so the recording has the same order on every run.
'use strict'
const http = require('node:http')
const { once } = require('node:events')
const WebSocket = require('ws')
require('./truth')

const port = 8080
const host = process.env.HOST ?? '127.0.0.1'
const address = `${host.includes(':') ? `[${host}]` : host}:${port}`

// A ws server on port 8080 of $HOST (127.0.0.1); resolves when it listens.
async function listen(options = {}) {
  const server = new WebSocket.Server({ host, port, ...options })
  await once(server, 'listening')
  return server
}

// A client and the server's end of the same connection, both open.
async function connect(server, { protocols = [], path = '/', ...options } = {}) {
  const accepted = once(server, 'connection')
  const client = new WebSocket(`ws://${address}${path}`, protocols, { perMessageDeflate: false, ...options })
  const [[ws]] = await Promise.all([accepted, once(client, 'open')])
  return { client, ws }
}

// Sends one message, [payload, options], and waits until the other end has it.
async function say(from, to, message) {
  const [payload, options] = Array.isArray(message) ? message : [message]
  const heard = once(to, 'message')
  from.send(payload, options)
  await heard
}

async function talk(client, ws, fromClient, fromServer) {
  for (const i of [...Array(Math.max(fromClient.length, fromServer.length)).keys()]) {
    if (i < fromClient.length) await say(client, ws, fromClient[i])
    if (i < fromServer.length) await say(ws, client, fromServer[i])
  }
}

async function ping(from, payload) {
  const answered = once(from, 'pong')
  from.ping(payload)
  await answered
}

// Closes from one end and waits until the TCP connection is gone on both.
async function close(from, to, ...codeAndReason) {
  const closed = [once(from, 'close'), once(to, 'close')]
  from.close(...codeAndReason)
  await Promise.all(closed)
}

module.exports = { http, WebSocket, once, host, port, address, listen, connect, say, talk, ping, close }
