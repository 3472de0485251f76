// ocpp-rpc on both ends, OCPP 1.6: a charge point boots, sends heartbeats and an action that nobody knows.
'use strict'
const { said } = require('./said')
const { RPCServer, RPCClient } = require('ocpp-rpc')

async function main() {
  const server = new RPCServer({ protocols: ['ocpp1.6'] })
  server.auth((accept) => accept({}))
  server.on('client', (client) => {
    client.handle('BootNotification', () => ({ status: 'Accepted', interval: 300, currentTime: '2026-01-01T00:00:00Z' }))
    client.handle('Heartbeat', () => ({ currentTime: '2026-01-01T00:00:00Z' }))
  })
  await server.listen(8080, '127.0.0.1')
  const client = new RPCClient({ endpoint: 'ws://127.0.0.1:8080', identity: 'CP1', protocols: ['ocpp1.6'], reconnect: false })
  await client.connect()
  const call = async (action, payload) => {
    said('client', { type: 'CALL', name: action })
    await client.call(action, payload).then(
      () => said('server', { type: 'CALLRESULT' }),
      (e) => said('server', { type: 'CALLERROR', name: e.rpcErrorCode }),
    )
  }
  await call('BootNotification', { chargePointVendor: 'example', chargePointModel: 'one' })
  await call('Heartbeat', {})
  await call('Unheard', {})
  await client.close()
  await server.close()
}

main().then(() => process.exit())
