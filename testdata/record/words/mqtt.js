// mqtt.js in MQTT 5 and 3.1.1 against the broker on port 9001, which wants a user name and a password: a client without
// them is refused, one with them publishes to itself. The account is mqtt.js's own, of each packet.
'use strict'
const { once } = require('node:events')
const { said } = require('./said')
const mqtt = require('mqtt')

function keepAccount(client) {
  const tell = (from) => (p) => said(from, {
    type: p.cmd.toUpperCase(), id: p.messageId, name: p.topic ?? p.clientId ?? p.subscriptions?.[0].topic ?? p.unsubscriptions?.[0],
  })
  client.on('packetsend', tell('client'))
  client.on('packetreceive', tell('server'))
}

async function main() {
  for (const protocolVersion of [5, 4]) {
    const address = 'ws://127.0.0.1:9001/mqtt'
    const stranger = mqtt.connect(address, { clientId: `stranger-${protocolVersion}`, reconnectPeriod: 0, protocolVersion })
    keepAccount(stranger)
    stranger.on('error', () => {})
    await new Promise((resolve) => stranger.on('close', resolve)) // once() would reject at the error
    const client = mqtt.connect(address, { clientId: `guest-${protocolVersion}`, username: 'guest', password: 'secret', reconnectPeriod: 0, protocolVersion })
    keepAccount(client)
    await once(client, 'connect')
    await client.subscribeAsync('sensors/#', { qos: 1 })
    const heard = once(client, 'message')
    await client.publishAsync('sensors/kitchen', 'on', { qos: 1, retain: true })
    await heard
    await client.unsubscribeAsync('sensors/#')
    await client.endAsync()
  }
}

main()
