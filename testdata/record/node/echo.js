// A ws server on port 8080 that echoes.
'use strict'
const { listen } = require('./talk')

listen().then((server) => server.on('connection', (ws) => ws.on('message', (data, binary) => ws.send(data, { binary }))))
