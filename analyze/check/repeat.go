package check

import (
	"fmt"
	"wshake/analyze/event"
)

// Repeat is a value of one handshake that was seen before on another connection.
type Repeat struct {
	*event.Handshake
	Conn    uint64   // the other connection
	Request event.At // its request
	// Answers says that the other connection's key is the one that this exchange's Accept answers; else both have
	// the same key.
	Answers  bool
	OtherKey string
	// Behind says that the other connection is the proxy's own, towards the backend, on behalf of this one.
	Upstream bool
}

// Repeat judges a repetition.
func (s *Set) Repeat(r *Repeat) []*event.Finding {
	return s.selected(s.run(stageRepeat, 0, r.Handshake.Conn, func(c *Check, report Report) { c.Repeat(r, report) }))
}

var checkKeyReused = Check{
	ID: "REQ-09", Name: "key-reused", Level: event.Warning, Fault: event.ClientFault, Citation: "RFC 6455 §4.1",
	When: "the same key came on an earlier connection that is not the other leg of a proxy",
	Description: "The key must be chosen at random for each connection. One that repeats is no longer a proof: " +
		"an answer stored by a cache, or meant for another connection, would be accepted. The connection works " +
		"and no server complains. Usual causes are a key copied into a program or a load test, and a request " +
		"replayed as a whole. The same handshake on the other leg of a proxy has the same key rightly; it is " +
		"recognised and not reported.",
	Advice: "draw 16 new random octets for every connection, also when an attempt is repeated",
	Repeat: keyReused,
}

func keyReused(r *Repeat, report Report) {
	if !r.Answers {
		report(Detail{
			At: r.Handshake.Request.Last,
			Text: fmt.Sprintf("Sec-WebSocket-Key %s was already used on connection %d, in packet %d",
				quote(r.Key.Value), r.Conn, r.Request.Number),
			Seen: r.Key.Value, Wanted: "a key chosen at random for each connection",
		})
	}
}

var checkAcceptOfAnotherKey = Check{
	ID: "RSP-06", Name: "accept-of-another-key", Level: event.Error, Fault: event.MiddleboxFault,
	Citation: "RFC 6455 §4.1",
	When: "Sec-WebSocket-Accept answers a key seen on another connection, or earlier on its own: a " +
		"cached or crossed answer",
	Description: "The answer is right, but for another connection's key: something between gave a stored " +
		"answer, or mixed up the connections to its backend (as in Conflux-Chain/conflux-rust#1921). This is " +
		"just what the key is there to find out, and the client fails the connection. What crosses handshakes " +
		"may cross data as well, so that one user sees another's.",
	Advice: "make sure that nothing between the two caches a 101, and that every upgrade gets its own connection " +
		"to the backend; then look for a race in the code that matches answers with requests",
	Repeat: acceptOfAnotherKey,
}

func acceptOfAnotherKey(r *Repeat, report Report) {
	if !r.Answers {
		return
	}
	whose, why := fmt.Sprintf("of connection %d in packet %d", r.Conn, r.Request.Number), "a cached or crossed answer"
	switch {
	case r.Upstream:
		why = "the proxy made a key of its own for the backend and passed the backend's answer on as it was"
	case r.Conn == r.Handshake.Conn.Ordinal:
		whose, why = fmt.Sprintf("of an earlier request on this connection, in packet %d", r.Request.Number), "an answer that belongs to the attempt before"
	}
	report(Detail{At: r.Response.Last, Text: fmt.Sprintf("Sec-WebSocket-Accept %s answers the key %s %s, not %s: %s",
		quote(r.Accept.Value), quote(r.OtherKey), whose, quote(r.Key.Value), why), Seen: r.Accept.Value, Wanted: r.AcceptExpected.Value})
}
