package analyze

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"wshake/analyze/event"
	"wshake/reassembly"
)

// The laws of hard captures: whatever is done to a capture, what is reported of it is part of what is reported of the
// whole, and what is missing is named.

// testimony is what a run said of one connection.
type testimony struct {
	handshakes []event.Handshake
	messages   [2][]event.Message
	findings   []*event.Finding
	caveats    []string
	account    *event.Connection
	// untold says that the capture lacks last octets of a side, and nothing in it tells that they were sent: what is not
	// there may be called absent.
	untold bool
}

// place is a conversation: the ends of its connection in order, and its stream, 0 where the connection has none.
type place struct {
	ends   [2]string
	stream uint64
}

func placeOf(c *event.Conn) place {
	p := place{[2]string{c.Peer[0].String(), c.Peer[1].String()}, c.Stream.Value}
	slices.Sort(p.ends[:])
	return p
}

// testimonies sorts a run by conversation. No two connections of the captures have the same ends. A caveat of a
// connection is one of each of its streams.
func testimonies(r *recorder) map[place]*testimony {
	all := make(map[place]*testimony)
	of := func(c *event.Conn) *testimony {
		key := placeOf(c)
		if all[key] == nil {
			all[key] = new(testimony)
		}
		return all[key]
	}
	for _, h := range r.handshakes {
		w := of(h.Conn)
		w.handshakes = append(w.handshakes, h)
	}
	for _, m := range r.messages {
		w := of(m.Conn)
		w.messages[m.From] = append(w.messages[m.From], m)
	}
	for _, f := range r.findings {
		w := of(f.Conn)
		w.findings = append(w.findings, f)
	}
	for i := range r.connections {
		of(r.connections[i].Conn).account = &r.connections[i]
	}
	for _, c := range r.caveats {
		if c.Conn == nil {
			continue
		}
		if mine := placeOf(c.Conn); !c.Conn.Stream.Known {
			for key, w := range all {
				if key.ends == mine.ends && key != mine {
					w.caveats = append(w.caveats, c.Name)
				}
			}
		}
		w := of(c.Conn)
		w.caveats = append(w.caveats, c.Name)
	}
	return all
}

// horizon is how far each end of a connection is known to have come: the sequence number behind the last octet that
// was captured of it or acknowledged, up to a RST.
type horizon struct {
	end   [2]uint32
	known [2]bool
	reset bool
}

func (h *horizon) reach(side uint8, seq uint32) {
	if !h.known[side] || int32(seq-h.end[side]) > 0 {
		h.end[side], h.known[side] = seq, true
	}
}

// horizons looks at the connections of a tape, by their ends as testimonies does.
func horizons(t tape) map[[2]string]*horizon {
	all := make(map[[2]string]*horizon)
	for _, s := range t.segments() {
		key := [2]string{s.Key.Endpoint(0).String(), s.Key.Endpoint(1).String()}
		if key[0] > key[1] {
			key[0], key[1] = key[1], key[0]
		}
		h := all[key]
		if h == nil {
			h = new(horizon)
			all[key] = h
		}
		if h.reset {
			continue
		}
		h.reset = s.Flags&reassembly.RST != 0
		if n := uint32(len(s.Payload)) + s.Cut; n > 0 {
			h.reach(s.From, s.Seq+n)
		}
		if s.Flags&reassembly.ACK != 0 {
			h.reach(s.From^1, s.Ack)
		}
	}
	return all
}

// short says that in d nothing tells of the last octets of some side in w.
// Of ends that no packet has, as with QUIC behind a move whose first path was cut away, nothing is known.
func (d *horizon) short(w *horizon) bool {
	if d == nil || w == nil {
		return true
	}
	for side := range w.end {
		if w.known[side] && (!d.known[side] || int32(w.end[side]-d.end[side]) > 1) { // a FIN counts, too
			return true
		}
	}
	return false
}

// seen is a tape and what was reported of it.
type seen struct {
	report   *recorder
	horizons map[[2]string]*horizon
}

func (t tape) see(tb testing.TB, change ...func(*Config)) seen {
	tb.Helper()
	return seen{t.analyse(tb, change...), horizons(t)}
}

// breaches lists how the run of a damaged capture breaks the laws, seen from the run of the whole one.
func breaches(whole, damaged seen) []string {
	var list []string
	had, has := testimonies(whole.report), testimonies(damaged.report)
	for key, d := range has {
		w := had[key]
		if w == nil {
			w = new(testimony)
		}
		d.untold = damaged.horizons[key.ends].short(whole.horizons[key.ends])
		for _, b := range append(d.invented(w), d.unnamed(w)...) {
			list = append(list, fmt.Sprintf("%s %d: %s", strings.Join(key.ends[:], " "), key.stream, b))
		}
	}
	slices.Sort(list)
	return list
}

// invented lists what d says that w does not.
func (d *testimony) invented(w *testimony) (list []string) {
	for side := range d.messages {
		if i := firstInvented(d.messages[side], w.messages[side]); i >= 0 {
			m := &d.messages[side][i]
			list = append(list, fmt.Sprintf("the %s's %s message of %d octets in packet %d was not sent, or not then", m.From, m.Opcode, m.WireLength, m.At.Number))
		}
	}
	handshakes := w.handshakes
	for i := range d.handshakes {
		h := &d.handshakes[i]
		n := slices.IndexFunc(handshakes, func(o event.Handshake) bool { return partOf(h, &o) })
		if n < 0 {
			list = append(list, fmt.Sprintf("the handshake in packet %d (%s) was not there", h.At.Number, h.Verdict))
			continue
		}
		handshakes = handshakes[n+1:]
	}
	for _, f := range d.findings {
		if d.untold && slices.Contains(absences, f.Name) {
			continue
		}
		if !slices.ContainsFunc(w.findings, func(o *event.Finding) bool { return o.Name == f.Name || o.Name == moreOf[f.Name] }) {
			list = append(list, fmt.Sprintf("%s %s in packet %d: %s", f.Level, f.Name, f.At.Number, f.Text))
		}
	}
	return list
}

// firstInvented is the first complete message of those reported that is not among those sent, in their order, or -1.
func firstInvented(reported, sent []event.Message) int {
	for i := range reported {
		m := &reported[i]
		if !m.Complete {
			continue
		}
		n := slices.IndexFunc(sent, func(o event.Message) bool { return sameMessage(m, &o) })
		if n < 0 {
			return i
		}
		sent = sent[n+1:]
	}
	return -1
}

// absences are the findings that something was not sent.
var absences = []string{"close-missing", "close-unanswered", "ping-unanswered", "answer-missing", "idle-timeout"}

// moreOf names findings that say more of the same fact when more was captured.
var moreOf = map[string]string{
	"accept-mismatch": "accept-of-another-key", // the other connection
	"answer-rejected": "closed-with-error",     // what the other leg of a proxy rejected
}

// sameMessage compares what is known of m with the whole message w. Of a message that was compressed without
// agreement, the one who did not see the handshake knows more.
func sameMessage(m, w *event.Message) bool {
	return w.Complete && m.Opcode == w.Opcode && m.WireLength == w.WireLength && (!m.SHA256.Known || !w.SHA256.Known || m.SHA256 == w.SHA256)
}

// partOf says that what is known of a handshake is what the whole one says.
func partOf(h, w *event.Handshake) bool {
	if h.Request != nil && (w.Request == nil || !strings.HasPrefix(w.Request.Target, h.Request.Target) || h.Key.Known && h.Key != w.Key) {
		return false
	}
	if h.Response != nil && (w.Response == nil || h.Response.Status != w.Response.Status) {
		return false
	}
	if h.Transport == "h2" && !(fieldsOf(h.Request, w.Request) && fieldsOf(h.Response, w.Response)) {
		return false
	}
	switch {
	case h.Verdict == w.Verdict, h.Verdict == event.Incomplete:
		return true
	case cut(h.Request), cut(h.Response), h.Transport == "h2" && !h.Evidence.ConnectProtocol.Known: // what was wrong with it is not known
		return h.Verdict == event.Established && w.Verdict == event.Invalid
	}
	return false
}

// fieldsOf says that the fields of a are fields of b, in order.
func fieldsOf(a, b *event.Head) bool {
	if a == nil {
		return true
	}
	left := b.Fields
	for _, f := range a.Fields {
		n := slices.IndexFunc(left, func(o event.Field) bool { return o.Name == f.Name && o.Value == f.Value })
		if n < 0 {
			return false
		}
		left = left[n+1:]
	}
	return true
}

func cut(h *event.Head) bool { return h == nil || h.Cut != event.Whole }

// unnamed lists what w says that d does not, if d names no reason.
func (d *testimony) unnamed(w *testimony) (list []string) {
	if d.account == nil {
		if len(d.handshakes)+len(d.messages[0])+len(d.messages[1]) > 0 {
			list = append(list, "no account of the connection")
		}
		return list
	}
	if len(d.caveats) > 0 || d.untold {
		return list
	}
	for side := range w.messages {
		complete := func(all []event.Message) (n int) {
			for i := range all {
				if all[i].Complete {
					n++
				}
			}
			return n
		}
		had, has := complete(w.messages[side]), complete(d.messages[side])
		if d.account.Ended == event.EndedStreamReset {
			continue // what was sent on a stream before it was broken off need never come (RFC 9000 §3.2)
		}
		if has < had && d.account.Ended != event.EndedCaptureEnd {
			list = append(list, fmt.Sprintf("%d of %d messages of the %s, ended by %s, and no caveat", has, had, event.Side(side), d.account.Ended))
		}
	}
	return list
}
