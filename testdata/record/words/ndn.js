// NDNts on both ends: Interests with their Data, one that times out, and one that is refused with a Nack.
'use strict'
const { said } = require('./said')
const { join } = require('node:path')
const { WebSocketServer, WebSocket } = require('ws')
global.WebSocket = WebSocket

async function main() {
  const load = (name) => import(join(process.env.NODE_PATH, '@ndn', name, 'lib/mod_node.js')) // import knows no NODE_PATH
  const { WsTransport } = await load('ws-transport')
  const { Data, Interest, Name, Nack, NackReason } = await load('packet')
  const { L3Face } = await load('l3face')
  const { consume } = await load('endpoint')
  const { Forwarder } = await load('fw')

  new WebSocketServer({ host: '127.0.0.1', port: 8080 }).on('connection', async (socket) => {
    const face = new L3Face(await WsTransport.connect(socket))
    const answer = async function* () {
      for await (const { l3: interest, token } of face.rx) {
        const name = interest.name.toString()
        if (name.includes('silent')) continue
        if (name.includes('nobody')) {
          said('server', { type: 'Nack', name: uri(interest.name), error: 'no route' })
          yield { l3: new Nack(interest, NackReason.NoRoute), token }
        } else {
          said('server', { type: 'Data', name: uri(interest.name) })
          yield { l3: new Data(interest.name, Uint8Array.of(111, 110)), token }
        }
      }
    }
    face.tx(answer())
  })
  const uri = (name) => '/' + name.comps.map((c) => c.text).join('/')
  const fw = Forwarder.create()
  const face = await WsTransport.createFace({ fw, addRoutes: ['/'] }, 'ws://127.0.0.1:8080')
  for (const text of ['/example/one', '/example/nobody', '/example/silent', '/example/two']) {
    const interest = new Interest(new Name(text), Interest.Lifetime(300), Interest.MustBeFresh)
    said('client', { type: 'Interest', name: text })
    await consume(interest, { fw }).catch(() => {})
  }
  face.close()
  await new Promise((resolve) => setTimeout(resolve, 200))
}

main().then(() => process.exit())
