// vscode-languageserver behind vscode-ws-jsonrpc, which is the client, too: an editor that opens a file, is told what
// is wrong in it, asks for a hover and for what nobody knows, and shuts the server down.
'use strict'
const { said } = require('./said')
const { join } = require('node:path')
const { WebSocketServer, WebSocket } = require('ws')
const { createConnection, TextDocumentSyncKind } = require('vscode-languageserver/node')

const done = (id) => said('server', { type: 'response', id })
let ids = 0 // the client numbers its requests from 0

async function main() {
  const { toSocket, listen, WebSocketMessageReader, WebSocketMessageWriter, createWebSocketConnection } =
    await import(join(process.env.NODE_PATH, 'vscode-ws-jsonrpc/lib/index.js')) // import knows no NODE_PATH
  const over = (ws) => toSocket(Object.assign(ws, { dispose: () => ws.close() }))
  new WebSocketServer({ host: '127.0.0.1', port: 8080 }).on('connection', (ws) => {
    const socket = over(ws)
    const server = createConnection(new WebSocketMessageReader(socket), new WebSocketMessageWriter(socket))
    server.onInitialize(() => { done(0); return { capabilities: { textDocumentSync: TextDocumentSyncKind.Full, hoverProvider: true } } })
    server.onDidOpenTextDocument(({ textDocument }) => {
      said('server', { type: 'notification', name: 'textDocument/publishDiagnostics' })
      server.sendDiagnostics({ uri: textDocument.uri, diagnostics: [{ message: 'what is this?', range: { start: { line: 0, character: 0 }, end: { line: 0, character: 2 } } }] })
    })
    server.onHover(() => { done(1); return { contents: 'on' } })
    server.onShutdown(() => done(3))
    server.listen()
  })
  const ws = new WebSocket('ws://127.0.0.1:8080/lsp')
  await new Promise((resolve) => ws.on('open', resolve))
  const client = createWebSocketConnection(over(ws), console)
  client.listen()
  const ask = (name, params) => { said('client', { type: 'request', id: String(ids++), name }); return client.sendRequest(name, params) }
  const tell = (name, params) => { said('client', { type: 'notification', name }); return client.sendNotification(name, params) }
  await ask('initialize', { processId: process.pid, rootUri: null, capabilities: { textDocument: { hover: {} } } })
  await tell('initialized', {})
  const uri = 'file:///a.txt'
  const diagnosed = new Promise((resolve) => client.onNotification('textDocument/publishDiagnostics', resolve))
  await tell('textDocument/didOpen', { textDocument: { uri, languageId: 'plaintext', version: 1, text: 'on' } })
  await diagnosed
  await ask('textDocument/hover', { textDocument: { uri }, position: { line: 0, character: 1 } })
  await ask('textDocument/unheard', {}).catch((e) => said('server', { type: 'error', id: '2', error: e.message }))
  await ask('shutdown')
  await new Promise((resolve) => ws.on('close', resolve).close(1000))
}

main().then(() => process.exit())
