// Package query selects events by an expression, as `status >= 400 && host endsWith ".example.org"`.
//
// The language is that of github.com/expr-lang/expr. The names are those of the JSON output (README, EVENTS): an
// expression is about one event, and about the handshake of its conversation where the event has no such name itself.
// So `host == "a.example"` takes the handshake, and the messages, findings and the end of its connection.
//
// # Design
//
// A value that was not seen, or that an event of this kind does not have, is nil. A comparison with it is neither true
// nor false, and so is its negation: nothing is selected by what is not known. `status == nil` asks for it, and
// `status ?? 0` gives another value. Without this rule `status != 101` and `not (status == 101)` would take every
// message of an attempt without an answer. The expression is rewritten for it: `not (a && b)` is true where a or b is
// known to be false.
//
// Short notations, where the plain one would be long: a text beside a time is RFC 3339 (`time >
// "2024-05-01T10:00:00Z"`) or the beginning of it, which `==` takes for the whole of what it names (`time ==
// "2024-05-01"` is the day) and the other operators for where that begins; beside a name that ends in _us a duration
// (`latency_us > "5ms"`), and beside an endpoint an address or a network (`client in "10.0.0.0/8"`).
//
// What cannot be true is an error, before anything is read: a name that does not exist, a type that does not fit, and
// a word that the name never has (`verdict == "refusd"`). The nearest word is suggested.
//
// Looked at instead: own grammar (one more language to learn), CEL (larger, with protocol buffers), jq (no types).
package query
