// A hand-written TCP proxy on port 8080 before port 9000. What the client sends goes straight on; the head of the backend's
// answer is handed to answered({client, backend, head, rest}), which decides what the client gets of it and when. rest is
// what came with the head; the backend is paused.
const net = require('node:net');

exports.relay = (answered) => {
  const server = net.createServer({ allowHalfOpen: true }, (client) => {
    const backend = net.connect({ host: '127.0.0.1', port: 9000, allowHalfOpen: true });
    client.pipe(backend);
    client.on('error', () => backend.destroy());
    backend.on('error', () => client.destroy());

    let seen = Buffer.alloc(0);
    const read = (data) => {
      seen = Buffer.concat([seen, data]);
      const end = seen.indexOf('\r\n\r\n');
      if (end < 0) return;
      backend.off('data', read);
      backend.pause();
      answered({ client, backend, head: seen.subarray(0, end + 4), rest: seen.subarray(end + 4) });
    };
    backend.on('data', read);
  });
  server.listen(8080, '127.0.0.1');
};

// pass gives the client this head and then everything that the backend sends.
exports.pass = ({ client, backend, rest }, head) => {
  client.write(Buffer.concat([head, rest]));
  backend.pipe(client);
};
