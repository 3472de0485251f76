// Package http1 reads the heads of HTTP/1.x messages from one direction of a TCP connection, as they were sent, and
// skips over the bodies between them.
//
// A [Parser] is pushed the ordered bytes of its direction and calls its [Handler] with every message: the head, the
// pieces of the body, the end. The handler says after each head how to go on, for only the session above knows which
// request a response answers and which layer comes next.
//
// The same package holds the grammars of the list-valued fields of a handshake: the lists of RFC 2616 that RFC 6455
// uses, the lists of RFC 9110, and the extension lists of RFC 6455 §9.1.
//
// # Design
//
// Heads are evidence. Order, case, duplicates, odd line endings, folded lines and broken lines are kept or counted;
// what can be understood in spite of a fault is understood, and the fault stands beside it in [Head].Bad. That is why
// net/http, which normalises, reads no traffic here; it is the oracle of the tests.
//
// What a peer did wrong and what we could not see are different calls: Bad is the peer's fault, Lost and [Head].Cut
// are limits of our sight. A head that a gap, a limit or the end cut short is delivered with what is there, so that a
// check can say "not captured" and not "missing".
//
// A head is one string and its fields are slices of it. A head that lies within one call of Data is not copied before;
// a head that does not is collected, up to [Limits]. What was delivered is not used again: whoever wants it keeps it.
//
// After a gap in a head or a chunk header nothing tells where the next head begins. Guessing inside a body would
// invent messages, so the parser looks only at the first octets of each segment, and believes them only if that
// segment holds a method it knows, a target and HTTP/1., or HTTP/1.x and a status code. A gap inside a body whose
// length is known costs nothing.
//
// Rejected: pulling from an io.Reader (a goroutine and a channel per direction); delivering fields one by one (a check
// wants the whole head); a copy of the head for each fold or trim.
package http1
