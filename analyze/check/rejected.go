package check

import (
	"fmt"
	"strings"
	"time"

	"wshake/analyze/event"
	"wshake/analyze/handshake"
	"wshake/analyze/ws"
)

// What is legal and rejected all the same: the receiver is at fault.

var checkAnswerRejected = Check{
	ID: "RSP-23", Name: "answer-rejected", Level: event.Note, Fault: event.ClientFault, Citation: "RFC 6455 §4.1, §7.1.7",
	When: "the client ended a legal handshake at once, or legal frames were answered with Close 1002 or 1007",
	Description: "Everything that was sent keeps to the rules (each was checked), and the receiver ended the connection. " +
		"So the receiver is at fault. Mostly it does not expect something that is legal: a Connection list or two Connection fields, a status line without a reason, a name in other letters, a " +
		"DEFLATE stream with a final block, many small fragments, a Ping inside a message. The text names what is " +
		"unusual. 1007 is also sent by programs that dislike the content of a message, which is not judged here.",
	Advice: "update or fix the receiver; where that is not possible, " +
		"let the sender avoid what this finding names",
	Ending: answerRejected, Frame: framesRejected,
}

// rejectedSoon is how soon an end follows what it is about, rejectedAtOnce where that has nothing unusual.
const (
	rejectedSoon   = 200 * time.Millisecond
	rejectedAtOnce = 20 * time.Millisecond
)

func answerRejected(e *Ending, report Report) {
	if !e.rejectedHandshake() || !e.Legal || len(e.Unusual) == 0 && e.idle() > rejectedAtOnce {
		return // a program that ends for reasons of its own
	}
	report(Detail{
		At: e.At, Fault: event.ClientFault,
		Text: fmt.Sprintf("%s %s after %s, which breaks no rule, without a frame: the client seems to have rejected "+
			"it; %s",
			e.how(), span(int64(e.idle())), e.answer(), unusual(e.Unusual, "the answer")),
		Seen: e.how(), Wanted: "an open connection",
	})
}

// rejectedHandshake says that the client ended the connection right behind the 101.
func (e *Ending) rejectedHandshake() bool {
	return e.noClose() && e.Last.Size == 0 && !e.Midstream && e.At.Ordinal > e.Start.Ordinal &&
		e.By.Known && e.By.Value == event.Client && e.idle() < rejectedSoon
}

func framesRejected(f *Frame, report Report) {
	if f.Opcode != event.OpClose || !f.Close.HasCode || f.Close.Code != 1002 && f.Close.Code != 1007 || f.echo() || !f.PeerLegal {
		return
	}
	peer := f.From.Other()
	what, where := fmt.Sprintf("everything that the %s sent keeps to the rules", peer), "what it sent"
	if f.PeerFrames == 0 {
		what = fmt.Sprintf("the %s had sent no frame, and its part of the handshake keeps to the rules", peer)
		where = "that"
	}
	text := fmt.Sprintf("the %s closed with %d though %s; %s", f.From, f.Close.Code, what, unusual(f.PeerUnusual, where))
	if f.Close.Code == 1007 {
		text += "; 1007 may also mean that its program dislikes what a message says"
	}
	report(Detail{
		At: f.Last, Fault: event.FaultOf(f.From), Text: text, Seen: fmt.Sprint(f.Close.Code), Wanted: "no complaint",
		Citation: "RFC 6455 §7.4.1",
	})
}

// unusual lists what is unusual, though legal.
func unusual(list []string, where string) string {
	if len(list) == 0 {
		return "nothing in " + where + " is unusual"
	}
	return "legal, but unusual: " + strings.Join(list, "; ")
}

// MaxUnusual is how many unusual things of one side are told.
const MaxUnusual = 4

// UnusualAnswer says what is unusual in the answer of a handshake that breaks no rule.
func UnusualAnswer(h *event.Handshake) (list []string) {
	r := h.Response
	if r == nil || h.Transport != "http/1.1" {
		return nil
	}
	add := func(format string, args ...any) {
		if len(list) < MaxUnusual {
			list = append(list, fmt.Sprintf(format, args...))
		}
	}
	if d := h.Deflate; d != nil && !d.NoContextTakeover[event.Client] && offersParameter(h, "client_no_context_takeover") {
		add("client_no_context_takeover was offered and is not in the answer, which a server may do and some clients do not expect")
	}
	switch values := r.Values("Connection"); {
	case len(values) > 1:
		add("%d Connection fields (%s)", len(values), quoteAll(values))
	case len(values) == 1 && strings.Contains(values[0], ","):
		add("a list in Connection (%s)", quote(values[0]))
	case len(values) == 1 && !event.EqualFold(values[0], "upgrade"):
		add("Connection is %s", quote(values[0]))
	}
	if r.Reason == "" {
		add("the reason phrase is empty")
	} else if !event.EqualFold(r.Reason, "Switching Protocols") {
		add("the reason phrase is %s", quote(r.Reason))
	}
	if v := r.Get("Upgrade"); v != "websocket" {
		add("Upgrade is %s", quote(v))
	}
	for i := range r.Fields {
		f := &r.Fields[i]
		for _, usual := range []string{"Upgrade", "Connection", "Sec-WebSocket-Accept", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"} {
			if event.EqualFold(f.Name, usual) && f.Name != usual && f.Name != strings.ToLower(usual) {
				add("the name %s is in other letters than usual", quote(f.Name))
			}
		}
	}
	if n := len(h.Evidence.Interim); n > 0 {
		add("%s came before it", count(n, "interim answer"))
	}
	for _, name := range []string{"Sec-WebSocket-Version", "Content-Type", "Keep-Alive", "Transfer-Encoding"} {
		if r.Has(name) {
			add("a 101 rarely has the field %s", name)
		}
	}
	if deflate := r.Values("Sec-WebSocket-Extensions"); len(deflate) > 0 && strings.Contains(deflate[0], "=") {
		add("parameters with values in Sec-WebSocket-Extensions (%s)", quoteAll(deflate))
	}
	return list
}

// offersParameter says that an extension was offered with a parameter.
func offersParameter(h *event.Handshake, parameter string) bool {
	for _, e := range h.ExtensionsOffered.Value {
		if strings.Contains(e, parameter) {
			return true
		}
	}
	return false
}

// legalHandshake says that every rule of the handshake was checked, and holds.
func legalHandshake(f *handshake.Facts, seen Needs, found []*event.Finding) bool {
	const whole = Asked | WholeAnswer | Switched
	if seen&whole != whole || f.Verdict != event.Established || seen&HTTP1 != 0 && !f.AcceptValid.Value {
		return false
	}
	for _, g := range found {
		if g.Level != event.Note {
			return false
		}
	}
	return true
}

// Unusual is a set of kinds of what is unusual in frames that break no rule.
type Unusual uint8

const (
	controlInside Unusual = 1 << iota
	emptyFragment
	finalBlock
	fragments
	unflushed
)

// UnusualFrame says what is unusual about a frame that breaks no rule; 0 is nothing.
func UnusualFrame(f *ws.Frame) Unusual {
	switch {
	case f.Opcode.Control() && f.MessageOpen:
		return controlInside
	case !f.Opcode.Control() && f.Length == 0 && (!f.FIN || f.Opcode == event.OpContinuation):
		return emptyFragment
	}
	return 0
}

// Words tells u, of which the packet at is the first.
func (u Unusual) Words(at event.At) string {
	switch u {
	case controlInside:
		return fmt.Sprintf("a control frame inside a fragmented message (packet %d)", at.Number)
	case emptyFragment:
		return fmt.Sprintf("a fragment without payload (packet %d)", at.Number)
	case finalBlock:
		return fmt.Sprintf("the DEFLATE of a message ends in a block with BFINAL (packet %d; RFC 7692 §7.2.3.4), which some receivers cannot read",
			at.Number)
	case fragments:
		return fmt.Sprintf("a message of %d fragments or more (packet %d on)", manyFragments, at.Number)
	case unflushed:
		return fmt.Sprintf("a compressed message does not end with an empty block (packet %d)", at.Number)
	}
	return ""
}

// manyFragments is from how many frames on a message is unusual.
const manyFragments = 16

// UnusualMessage is UnusualFrame for a message.
func UnusualMessage(m *ws.Message) Unusual {
	switch {
	case m.Inflate.FinalBlocks > 0:
		return finalBlock
	case m.Frames >= manyFragments:
		return fragments
	case m.Inflate.State == ws.Inflated && m.Inflate.Unflushed:
		return unflushed
	}
	return 0
}

// FaultyMessage says that a message breaks a rule, or that it could not be judged.
func FaultyMessage(m *ws.Message) bool {
	in := &m.Inflate
	return m.UTF8 == ws.UTF8Invalid || m.Opaque || m.Broken || m.Missing > 0 || m.Interrupted || m.Opcode == event.OpContinuation ||
		in.State != ws.NotInflated && in.State != ws.Inflated || in.TailKept || in.IntoEarlier.Distance > 0 || in.BeyondWindow.Distance > 0
}
