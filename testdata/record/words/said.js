// Keeps what an endpoint says it sent, in the words of its protocol and by its own hooks and logs: said(from, {type, id,
// name, error}) appends a line to $said. What the endpoint does not tell is left out.
'use strict'
const { appendFileSync } = require('node:fs')

function said(from, words) {
  const known = Object.entries(words).filter(([, value]) => value !== undefined && value !== null && value !== '')
  appendFileSync(process.env.said, JSON.stringify({ from, ...Object.fromEntries(known.map(([k, v]) => [k, String(v)])) }) + '\n')
}

module.exports = { said }
