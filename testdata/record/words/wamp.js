// autobahn-js against the WAMP router on port 8080, in the serializers that it is told: a realm that does not exist, then
// a subscription with a publication, and a procedure that is registered, called and missed.
'use strict'
const { said } = require('./said')
global.WebSocket = require('ws')
const autobahn = require('autobahn')

const serializers = { json: autobahn.serializer.JSONSerializer, msgpack: autobahn.serializer.MsgpackSerializer, cbor: autobahn.serializer.CBORSerializer }

function talk(serializer, realm, use) {
  return new Promise((resolve) => {
    const connection = new autobahn.Connection({ url: 'ws://127.0.0.1:8080/ws', realm, max_retries: 0, serializers: [new serializer()] })
    said('client', { type: 'HELLO', name: realm })
    connection.onopen = (session) => {
      said('server', { type: 'WELCOME', id: session.id })
      use(session).then(() => {
        said('client', { type: 'GOODBYE', name: 'wamp.close.normal' })
        connection.close()
      })
    }
    connection.onclose = (reason, details) => {
      if (reason === 'closed' && details.reason && !details.reason.startsWith('wamp.close')) said('server', { type: 'ABORT', error: details.reason })
      resolve()
      return true
    }
    connection.open()
  })
}

async function main() {
  for (const name of process.argv.slice(2)) {
    const serializer = serializers[name]
    await talk(serializer, 'nowhere', async () => {})
    await talk(serializer, 'realm1', async (session) => {
      said('client', { type: 'SUBSCRIBE', name: 'com.example.kitchen' })
      const heard = new Promise((resolve) => session.subscribe('com.example.kitchen', resolve).then((s) => {
        said('server', { type: 'SUBSCRIBED' })
        said('client', { type: 'PUBLISH', name: 'com.example.kitchen' })
        session.publish('com.example.kitchen', ['on'], {}, { exclude_me: false })
        s
      }))
      await heard
      said('server', { type: 'EVENT' })
      said('client', { type: 'REGISTER', name: 'com.example.add' })
      await session.register('com.example.add', ([a, b]) => a + b)
      said('server', { type: 'REGISTERED' })
      said('client', { type: 'CALL', name: 'com.example.add' })
      await session.call('com.example.add', [2, 3])
      said('client', { type: 'YIELD' })
      said('server', { type: 'RESULT' })
      said('client', { type: 'CALL', name: 'com.example.nothing' })
      await session.call('com.example.nothing').catch((e) => said('server', { type: 'ERROR', error: e.error }))
    })
  }
}

main().then(() => process.exit())
