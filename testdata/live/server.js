// A ws server on port 9000 that echoes. It has one subprotocol and lets nobody into /private.
'use strict'
const WebSocket = require('ws')

new WebSocket.Server({
  host: '127.0.0.1',
  port: 9000,
  perMessageDeflate: true,
  maxPayload: 64 << 20,
  handleProtocols: (offered) => (offered.has('chat') ? 'chat' : false),
  verifyClient: ({ req }, done) => (req.url.endsWith('/private') ? done(false, 401) : done(true)),
}).on('connection', (ws) => ws.on('message', (data, binary) => ws.send(data, { binary })))
