// A proxy that waits for two answers and gives each client the head meant for the other.
const { relay, pass } = require('./relay.js');
let first;
relay((answer) => {
  if (!first) {
    first = answer;
    return;
  }
  pass(first, answer.head);
  pass(answer, first.head);
  first = undefined;
});
