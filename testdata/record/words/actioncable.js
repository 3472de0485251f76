// @rails/actioncable against the server on port 8080: a wrong token, then a channel with a message, and one that rejects.
'use strict'
const { said } = require('./said')
const WebSocket = require('ws')
const { createConsumer, adapters, logger } = require('@rails/actioncable')

// what the client sends is told where it leaves
adapters.WebSocket = class extends WebSocket {
  send(text, ...rest) {
    const m = JSON.parse(text)
    said('client', { type: m.command, name: JSON.parse(m.identifier).channel })
    super.send(text, ...rest)
  }
}
adapters.logger = { log() {} }
global.document = { visibilityState: 'visible', addEventListener() {}, removeEventListener() {} }
global.addEventListener = global.removeEventListener = () => {}
global.window = global

async function main() {
  const stranger = createConsumer('ws://127.0.0.1:8080/cable?token=wrong')
  stranger.ensureActiveConnection()
  await new Promise((resolve) => stranger.connection.webSocket.addEventListener('close', resolve))
  stranger.disconnect()
  const consumer = createConsumer('ws://127.0.0.1:8080/cable')
  await new Promise((resolve) => {
    const chat = consumer.subscriptions.create({ channel: 'ChatChannel', room: '1' }, {
      connected() { chat.perform('speak', { text: 'hi' }) }, received: resolve,
    })
  })
  await new Promise((resolve) => consumer.subscriptions.create('SecretChannel', { rejected: resolve }))
  consumer.disconnect()
  await new Promise((resolve) => setTimeout(resolve, 200))
}

main().then(() => process.exit())
