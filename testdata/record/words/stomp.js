// @stomp/stompjs against a STOMP broker on $STOMP: refused with a wrong password, then subscribes, publishes to itself
// and disconnects. The account is its own debug log of frames.
'use strict'
const { said } = require('./said')
const { Client } = require('@stomp/stompjs')
global.WebSocket = require('ws')

function frame(text) {
  const [head] = text.split('\n\n')
  const [command, ...lines] = head.split(/\r?\n/)
  const of = Object.fromEntries(lines.map((l) => [l.slice(0, l.indexOf(':')), l.slice(l.indexOf(':') + 1)]))
  return { type: command, name: of.destination, error: command === 'ERROR' ? of.message : undefined, id: command === 'SUBSCRIBE' ? of.id : command === 'RECEIPT' ? of['receipt-id'] : command === 'MESSAGE' ? of['message-id'] : undefined }
}

function talk(passcode, use) {
  return new Promise((resolve) => {
    const client = new Client({
      brokerURL: process.env.STOMP, reconnectDelay: 0, heartbeatIncoming: 0, heartbeatOutgoing: 0,
      connectHeaders: { login: 'guest', passcode }, logRawCommunication: true,
      debug: (line) => {
        if (line.startsWith('>>> ')) said('client', frame(line.slice(4)))
        if (line.startsWith('<<< ') && !/^<<< (PONG)?\s*$/.test(line)) said('server', frame(line.slice(4)))
      },
      onConnect: () => use(client), onStompError: () => client.forceDisconnect(), // RabbitMQ leaves it to the client
      onWebSocketClose: resolve,
    })
    client.activate()
  })
}

async function main() {
  await talk('wrong', () => {})
  await talk('guest', (client) => {
    client.subscribe('/topic/kitchen', (message) => message && client.deactivate(), { id: 'sub-a' })
    client.publish({ destination: '/topic/kitchen', body: 'on' })
  })
}

main().then(() => process.exit())
