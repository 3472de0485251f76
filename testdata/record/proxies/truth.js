// The account an endpoint keeps of one connection: the complete data messages of both directions, as its application
// sent them or its WebSocket library delivered them. Behind a proxy each endpoint sits on a leg of its own, where the
// proxy is the other side and keeps no account; so an endpoint answers for both directions of its leg.
const { createHash } = require('node:crypto');
const { appendFileSync } = require('node:fs');

exports.Account = class {
  constructor(clientPort) {
    this.client_port = clientPort;
    this.client = [];
    this.server = [];
  }

  add(side, data, isBinary) {
    const payload = Buffer.from(data);
    this[side].push({
      opcode: isBinary ? 'binary' : 'text',
      length: payload.length,
      sha256: createHash('sha256').update(payload).digest('hex'),
    });
  }

  write(name) {
    appendFileSync(`${process.env.truth}/${name}.ndjson`, JSON.stringify(this) + '\n');
  }
};
