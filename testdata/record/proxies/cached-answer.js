// A proxy that answers every client with the first head it ever got from the backend.
const { relay, pass } = require('./relay.js');
let cached;
relay((answer) => {
  cached ??= answer.head;
  pass(answer, cached);
});
