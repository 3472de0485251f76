// mqtt.js talks MQTT over a WebSocket to the broker on port 9001: it publishes to itself with each quality of service.
'use strict'
const { once } = require('node:events')
require('./truth').hear()
const mqtt = require('mqtt')
const { json } = require('./messages')

async function main() {
  const client = await mqtt.connectAsync('ws://127.0.0.1:9001/mqtt', { clientId: 'wshake', reconnectPeriod: 0 })
  await client.subscribeAsync('sensors/#', { qos: 2 })
  for (const [qos, payload] of [[0, 'on'], [1, json(500, 1)], [2, json(6000, 2)]]) {
    const heard = once(client, 'message')
    await client.publishAsync(`sensors/kitchen/${qos}`, payload, { qos })
    await heard
  }
  await client.endAsync()
}

main()
