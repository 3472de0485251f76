// A proxy that keeps each answer back for 1.5 seconds.
const { relay, pass } = require('./relay.js');
relay((answer) => setTimeout(pass, 1500, answer, answer.head));
