// JsSIP against the server sip: a registration, a message that is taken, one to somebody unknown, and the end of the
// registration.
'use strict'
const { said } = require('./said')
global.WebSocket = require('ws')
const sip = require('sip')
const JsSIP = require('jssip')

async function main() {
  sip.start({ ws_port: 8080, address: '127.0.0.1', udp: false, tcp: false, logger: {
    send: (m) => said('server', { type: 'response', id: m.headers['call-id'], name: m.headers.cseq.method, error: m.status >= 300 ? m.reason : '' }),
  } }, (request) => {
    const known = !String(request.uri).includes('nobody')
    const response = sip.makeResponse(request, known ? 200 : 404, known ? 'OK' : 'Not Found')
    if (request.method === 'REGISTER') response.headers.contact = request.headers.contact
    sip.send(response)
  })
  const ua = new JsSIP.UA({ sockets: [new JsSIP.WebSocketInterface('ws://127.0.0.1:8080')], uri: 'sip:alice@127.0.0.1', register: true, user_agent: 'JsSIP' })
  const once = (event) => new Promise((resolve) => ua.once(event, resolve))
  const registered = once('registered')
  ua.start()
  said('client', { type: 'REGISTER', id: (await registered).response.call_id })
  for (const to of ['sip:bob@127.0.0.1', 'sip:nobody@127.0.0.1']) {
    await new Promise((resolve) => {
      ua.once('newMessage', ({ request }) => said('client', { type: 'MESSAGE', id: request.call_id, name: to }))
      ua.sendMessage(to, 'on', { eventHandlers: { succeeded: resolve, failed: resolve } })
    })
  }
  const unregistered = once('unregistered')
  ua.unregister()
  said('client', { type: 'REGISTER', id: (await unregistered).response.call_id })
  ua.stop()
  await new Promise((resolve) => setTimeout(resolve, 300))
}

main().then(() => process.exit())
