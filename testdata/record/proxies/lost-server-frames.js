// A proxy that gives the client the 101 and then nothing of what the backend sends, until the backend ends.
const { relay } = require('./relay.js');
relay(({ client, backend, head }) => {
  client.write(head);
  backend.resume();
  backend.on('end', () => client.end());
});
