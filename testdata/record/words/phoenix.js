// The client of Phoenix against a server of our own that speaks its channels (version 2 of the serializer): a join, one
// that is refused, pushes with a reply and with an error, a broadcast, binary data, a heartbeat, and leaving.
'use strict'
const { said } = require('./said')
const { WebSocketServer, WebSocket } = require('ws')
global.WebSocket = WebSocket
const { Socket } = require('phoenix')

function serve(socket) {
  const send = (join, ref, topic, event, payload) => {
    const own = { phx_reply: { type: 'phx_reply', id: ref, name: topic }, phx_close: { type: 'phx_close', name: topic } }
    said('server', { ...(own[event] || { type: 'event', name: event }), error: payload.status === 'error' ? payload.response.reason : '' })
    socket.send(JSON.stringify([join, ref, topic, event, payload]))
  }
  const reply = (join, ref, topic, status, response) => send(join, ref, topic, 'phx_reply', { status, response })
  socket.on('message', (data, binary) => {
    if (binary) return
    const [join, ref, topic, event] = JSON.parse(data)
    if (event === 'phx_join' && topic === 'room:private') return reply(join, ref, topic, 'error', { reason: 'unauthorized' })
    if (event === 'shout') send(null, null, topic, 'shout', { body: 'on' })
    if (event === 'fail') return reply(join, ref, topic, 'error', { reason: 'no such thing' })
    reply(join, ref, topic, 'ok', {})
    if (event === 'phx_leave') send(join, ref, topic, 'phx_close', {})
  })
}

async function main() {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 8080 }).on('connection', serve)
  const types = ['phx_join', 'phx_leave', 'heartbeat']
  // The client's own log of what it pushes: TOPIC EVENT (JOIN_REF, REF).
  const logger = (kind, message) => {
    const [, topic, event, ref] = /^(\S+) (\S+) \(\S+, (\S+)\)$/.exec(message) || []
    if (kind !== 'push' || !event) return
    said('client', types.includes(event) ? { type: event, id: ref, name: topic } : { type: 'event', id: ref, name: event })
  }
  const socket = new Socket('ws://127.0.0.1:8080/socket', { heartbeatIntervalMs: 300, logger })
  socket.connect()
  const answer = (push) => new Promise((resolve) => push.receive('ok', resolve).receive('error', resolve))
  const room = socket.channel('room:lobby', {})
  await answer(room.join())
  const secret = socket.channel('room:private', {})
  await answer(secret.join())
  secret.leave()
  const heard = new Promise((resolve) => room.on('shout', resolve))
  await answer(room.push('shout', { body: 'on' }))
  await heard
  await answer(room.push('fail', {}))
  room.push('picture', new Uint8Array([1, 2, 3]).buffer)
  await new Promise((resolve) => setTimeout(resolve, 400)) // a heartbeat
  await answer(room.leave())
  await new Promise((resolve) => socket.disconnect(resolve))
  server.close()
}

main().then(() => process.exit())
