// Payloads to send: the same on every run.
'use strict'

// A small generator (mulberry32): numbers in [0, 1).
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1)
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

// About size bytes of JSON whose records resemble each other, near and far.
function json(size, seed) {
  const next = random(seed)
  const pick = (list) => list[Math.floor(next() * list.length)]
  const records = []
  for (let length = 2; length < size; ) {
    const record = JSON.stringify({
      id: 100000 + Math.floor(next() * 900000),
      instrument: pick(['EUR/USD', 'GBP/JPY', 'USD/CHF', 'AUD/NZD', 'Gold – Unze']),
      side: pick(['buy', 'sell']),
      price: (1 + next()).toFixed(5),
      venue: pick(['Zürich', 'London', '東京', 'New York']),
    })
    records.push(record)
    length += Buffer.byteLength(record) + 1
  }
  return '[' + records.join(',') + ']'
}

// Bytes that do not compress.
function noise(size, seed) {
  const next = random(seed)
  return Buffer.from(Uint8Array.from({ length: size }, () => next() * 256))
}

// Bytes that do: little-endian counters.
function counters(size, seed) {
  const bytes = Buffer.alloc(size)
  for (let at = 0; at + 4 <= size; at += 4) bytes.writeUInt32LE(seed + at * 3, at)
  return bytes
}

module.exports = { json, noise, counters }
