// client.js [name=value...]: a client of HTTP/2. It opens WebSockets on one connection, says a few messages on each in turn, fetches pages
// between them, and closes.
//   url=URL        http://127.0.0.1:8080
//   paths=A,B      of the WebSockets, one stream each; /echo,/echo,/echo
//   deflate=yes    offers permessage-deflate
//   big=N          says one message of N octets instead
//   window=N       SETTINGS_INITIAL_WINDOW_SIZE
//   heard=yes      answers for both sides' messages
//   greeted=yes    waits for a message of the server first
'use strict'
const http2 = require('node:http2')
const { once } = require('node:events')
const { json, noise } = require('../node/messages')
const { connect } = require('./streams')

const option = { url: 'http://127.0.0.1:8080', paths: '/echo,/echo,/echo' }
for (const argument of process.argv.slice(2)) {
  const [name, value] = argument.split(/=(.*)/s)
  option[name] = value
}

async function fetch(session, path) {
  const stream = session.request({ ':path': path })
  stream.resume()
  await once(stream, 'end')
}

async function main() {
  const session = http2.connect(option.url, { rejectUnauthorized: false, settings: option.window ? { initialWindowSize: Number(option.window) } : {} })
  await once(session, 'remoteSettings')
  const sockets = []
  for (const path of option.paths.split(',')) {
    try {
      sockets.push(await connect(session, path, { deflate: option.deflate && {}, heard: option.heard === 'yes' }))
    } catch (error) {
      console.log(`${path}: ${error.message}`)
    }
  }
  if (option.greeted) await Promise.all(sockets.map((ws) => ws.greeted))
  const lines = option.big ? [noise(Number(option.big), 1)] : ['hello', json(2000, 1), noise(300, 2), 'Grüße, 世界', json(2000, 3)]
  for (const [n, line] of lines.entries()) {
    const heard = sockets.map((ws) => once(ws, 'message'))
    for (const ws of sockets) ws.say(line)
    if (!option.big) await fetch(session, `/${n}`)
    await Promise.all(heard)
  }
  for (const ws of sockets) {
    const closed = once(ws, 'close')
    ws.close(1000, 'done')
    await closed
  }
  session.close()
}

main()
