// @xmpp/client against the server on port 8080: refused with a wrong password, then a message to itself, and an iq that
// nobody handles. The account is its own events of elements sent and received.
'use strict'
const { once } = require('node:events')
const { said } = require('./said')
global.WebSocket = require('ws')

async function main() {
  const { client, xml } = await import(require.resolve('@xmpp/client'))
  const talk = (password) => {
    const xmpp = client({ service: 'ws://127.0.0.1:8080/xmpp-websocket', domain: 'localhost', username: 'guest', password })
    xmpp.reconnect.stop()
    xmpp.on('error', () => {})
    const tell = (from) => (e) => said(from, { type: e.name.replace('stream:', ''), id: e.attrs.id, name: e.attrs.to })
    xmpp.on('send', tell('client'))
    xmpp.on('element', tell('server'))
    return xmpp
  }
  const stranger = talk('wrong')
  await stranger.start().catch(() => {})
  await stranger.stop().catch(() => {})
  const guest = talk('secret')
  const online = once(guest, 'online')
  await guest.start()
  const [address] = await online
  await guest.send(xml('presence'))
  const heard = new Promise((resolve) => guest.on('stanza', (s) => s.is('message') && resolve()))
  await guest.send(xml('message', { type: 'chat', to: address.toString(), id: 'm1' }, xml('body', {}, 'on')))
  await heard
  await guest.iqCaller.request(xml('iq', { type: 'get', id: 'q1' }, xml('query', 'urn:example:nothing'))).catch(() => {})
  await guest.stop()
}

main().then(() => process.exit())
