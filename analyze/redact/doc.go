// Package redact takes secrets out of events, for output that is handed to others.
//
// It is the one place that decides what a secret is. A [Receiver] stands between the analysis and an output and gives
// the output events without secrets, so no output has to know of them, and a new one cannot forget.
//
// # Design
//
// What tells a secret, in the order of certainty:
//
//   - its place: payloads, reasons of closing, cookies and credentials are hidden whatever they look like;
//   - its name: of a field, a parameter, a part of a path or of a subprotocol ([Name]);
//   - its form: JSON Web Tokens, credentials behind the name of their scheme, the user of a URL, and runs of letters and
//     digits that are too long and too mixed to be words ([Text]).
//
// Too much hidden is a nuisance and too little is a leak, so in doubt it is hidden. Sec-WebSocket-Key and
// Sec-WebSocket-Accept are no secrets (RFC 6455 §10.3) and are what handshakes are judged by, so they stay. So do host
// names: who may not see them cannot be given a capture's findings at all.
//
// What stands for a secret tells its length and nothing of its text. A digest of it would let short ones be guessed;
// of messages that are not short it is given, because their content can be compared by nothing else.
//
// Rejected: to hide all that is not on a list of harmless fields, which hides the field that a proxy breaks.
package redact
