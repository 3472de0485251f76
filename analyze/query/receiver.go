package query

import (
	"fmt"
	"slices"

	"wshake/analyze/event"
)

// Receiver passes on the events that a query takes. The summary, and caveats about the run as a whole, always pass:
// what could not be looked into may hide what was asked for.
type Receiver struct {
	query *Query
	to    event.Receiver
	facts facts
	// handshakes are the last ones of the conversations that go on; nil where the query needs none.
	handshakes map[conversation]*event.Handshake
	// ended are conversations whose handshake is kept for findings that come behind their end, as a ring.
	ended     []conversation
	nextEnded int
	text      bool   // the query looks at texts
	cut       uint64 // texts that were not taken and of which only the beginning was looked at
	firstCut  event.At
}

const (
	// endedMost is how many conversations are kept behind their end.
	endedMost = 1024
	// headMost is how large a head may be that is kept behind the end, octets.
	headMost = 8 << 10
)

// conversation names a connection, or a stream of one.
type conversation struct {
	conn   uint64
	stream event.Opt[uint64]
}

// To makes a Receiver in front of to. Names gives the files by At.File; it may be nil.
func (q *Query) To(to event.Receiver, names func() []string) *Receiver {
	r := &Receiver{query: q, to: to, text: q.Uses("text")}
	r.facts.file = func(at *event.At) string {
		if names != nil {
			if list := names(); at.File >= 0 && int(at.File) < len(list) {
				return list[at.File]
			}
		}
		return ""
	}
	if slices.ContainsFunc(q.used, (*field).inherited) {
		r.handshakes = make(map[conversation]*event.Handshake)
	}
	return r
}

// inherited reports whether other events take the value from the handshake of their conversation.
func (f *field) inherited() bool {
	first := slices.IndexFunc(fields, func(f field) bool { return f.name == "transport" })
	last := slices.IndexFunc(fields, func(f field) bool { return f.name == "findings" })
	i := slices.IndexFunc(fields, func(g field) bool { return g.name == f.name })
	return first <= i && i <= last
}

// about begins the facts of an event.
func (r *Receiver) about(kind event.Kinds, c *event.Conn, at *event.At) *facts {
	r.facts = facts{kind: kind, conn: c, at: *at, file: r.facts.file}
	if r.handshakes != nil && c != nil {
		r.facts.handshake = r.handshakes[conversation{c.Ordinal, c.Stream}]
	}
	return &r.facts
}

func (r *Receiver) Handshake(h *event.Handshake) {
	f := r.about(event.KindHandshake, h.Conn, &h.At)
	if r.handshakes != nil {
		kept := *h // an event is borrowed, its heads are not
		for _, list := range []*event.Opt[[]string]{&kept.ProtocolsOffered, &kept.ExtensionsOffered, &kept.Extensions} {
			list.Value = slices.Clone(list.Value)
		}
		kept.Evidence = event.Evidence{}
		r.handshakes[conversation{h.Conn.Ordinal, h.Conn.Stream}] = &kept
	}
	f.handshake = h
	if r.query.takes(f) {
		r.to.Handshake(h)
	}
}

func (r *Receiver) Frame(e *event.Frame) {
	f := r.about(event.KindFrame, e.Conn, &e.At)
	f.frame = e
	if r.query.takes(f) {
		r.to.Frame(e)
	} else {
		r.passed(&e.Payload)
	}
}

func (r *Receiver) Message(e *event.Message) {
	f := r.about(event.KindMessage, e.Conn, &e.At)
	f.message = e
	if r.query.takes(f) {
		e.Digest()
		r.to.Message(e)
	} else {
		r.passed(&e.Payload)
	}
}

// passed takes note of a payload that was not taken.
func (r *Receiver) passed(p *event.Payload) {
	if !r.text || !p.Truncated {
		return
	}
	if r.cut == 0 {
		r.firstCut = r.facts.at
	}
	r.cut++
}

func (r *Receiver) Connection(e *event.Connection) {
	f := r.about(event.KindConnection, e.Conn, &e.At)
	f.connection = e
	if r.handshakes != nil {
		r.forget(conversation{e.Conn.Ordinal, e.Conn.Stream})
	}
	if r.query.takes(f) {
		r.to.Connection(e)
	}
}

// forget ends a conversation. A finding that waited for its cause may come behind the end, so the last ones are kept.
func (r *Receiver) forget(c conversation) {
	h := r.handshakes[c]
	if h == nil {
		return
	}
	if sizeOf(h.Request)+sizeOf(h.Response) > headMost {
		delete(r.handshakes, c)
		return
	}
	if len(r.ended) < endedMost {
		r.ended = append(r.ended, c)
		return
	}
	delete(r.handshakes, r.ended[r.nextEnded])
	r.ended[r.nextEnded] = c
	r.nextEnded = (r.nextEnded + 1) % endedMost
}

// sizeOf is how large a head is, octets.
func sizeOf(h *event.Head) int {
	if h == nil {
		return 0
	}
	n := len(h.Target)
	for _, f := range h.Fields {
		n += len(f.Name) + len(f.Value)
	}
	return n
}

func (r *Receiver) Finding(e *event.Finding) {
	f := r.about(event.KindFinding, e.Conn, &e.At)
	f.finding = e
	if r.query.takes(f) {
		r.to.Finding(e)
	}
}

func (r *Receiver) Caveat(e *event.Caveat) {
	f := r.about(event.KindCaveat, e.Conn, &e.At)
	f.caveat = e
	if e.Conn == nil || r.query.takes(f) {
		r.to.Caveat(e)
	}
}

// Summary passes, behind a caveat where texts were too long to be looked at as a whole.
func (r *Receiver) Summary(e *event.Summary) {
	if r.cut > 0 {
		text := fmt.Sprintf("of %d frames and messages that were not taken only the beginning of the text was looked "+
			"at", r.cut)
		r.to.Caveat(&event.Caveat{At: r.firstCut, Name: "where-limit", Text: text})
		if e.Caveats == nil {
			e.Caveats = make(map[string]uint64)
		}
		e.Caveats["where-limit"]++
	}
	r.to.Summary(e)
}
