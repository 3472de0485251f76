// @microsoft/signalr against the hub on port 8080: an invocation with a result, one that fails, a stream, and a message
// from the server.
'use strict'
const { said } = require('./said')
global.WebSocket = require('ws')
const signalR = require('@microsoft/signalr')

async function main() {
  const connection = new signalR.HubConnectionBuilder()
    .withUrl('http://127.0.0.1:8080/hub', { WebSocket: global.WebSocket, transport: signalR.HttpTransportType.WebSockets })
    .configureLogging(signalR.LogLevel.None).build()
  said('client', { type: 'handshake', name: 'json' })
  said('server', { type: 'handshake' })
  await connection.start()
  const heard = new Promise((resolve) => connection.on('Said', (text) => { said('server', { type: 'Invocation', name: 'Said' }); resolve(text) }))
  said('client', { type: 'Invocation', name: 'Say', id: '0' })
  await connection.invoke('Say', 'on')
  said('server', { type: 'Completion', id: '0' })
  await heard
  said('client', { type: 'Invocation', name: 'Nothing', id: '1' })
  await connection.invoke('Nothing').catch((e) => said('server', { type: 'Completion', id: '1' }))
  said('client', { type: 'StreamInvocation', name: 'Count', id: '2' })
  await new Promise((resolve, reject) => connection.stream('Count', 3).subscribe({
    next: () => said('server', { type: 'StreamItem', id: '2' }), complete: resolve, error: reject,
  }))
  said('server', { type: 'Completion', id: '2' })
  await connection.stop()
}

main().then(() => process.exit())
