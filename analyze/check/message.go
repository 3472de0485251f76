package check

import (
	"fmt"
	"wshake/analyze/event"
	"wshake/analyze/ws"
)

// Message is a data message, either at its end or where it stops being text.
type Message struct {
	*ws.Message
	// Over says that the message ended; else it was found not to be UTF-8, by the packet BadAt.
	Over  bool
	BadAt event.At
	Bits  int // the window agreed for the sender
	// Tunnel is another protocol that the payload is, the first time it is seen on the connection; else "".
	Tunnel string
	// Greeting is the message of the other side that this one answers, where only both together tell the tunnel; else nil.
	Greeting *Greeting
	// App is what the message says, where that is a failure of the application's protocol; else nil.
	App *event.App
}

// Greeting is a message that may be the first of another protocol.
type Greeting struct {
	From   event.Side
	At     event.At // its first packet
	Octets []byte
}

// Message judges one message.
func (s *Set) Message(conn *event.Conn, m *Message) []*event.Finding {
	return s.selected(s.run(stageMessage, m.seen(), conn, func(c *Check, r Report) { c.Message(m, r) }))
}

func (m *Message) detail(d Detail) Detail {
	if d.At == (event.At{}) {
		d.At = m.Last
	}
	if d.Fault == event.NoFault {
		d.Fault = event.FaultOf(m.From)
	}
	d.Text = fmt.Sprintf("the %s's %s message that begins in packet %d %s", m.From, m.Opcode, m.First.Number, d.Text)
	return d
}

// RemarkableMessage says whether any check may have something to say about a message that is over and no tunnel.
// Nearly none is.
func RemarkableMessage(m *ws.Message) bool {
	return m.Tiny >= manyTiny || m.Inflate.State == ws.InflateFailed || m.Inflate.TailKept ||
		m.Inflate.IntoEarlier.Distance > 0 || m.Inflate.BeyondWindow.Distance > 0
}

var checkTextNotUTF8 = Check{
	ID: "FRM-10", Name: "text-not-utf8", Level: event.Error, Fault: event.NoFault, Citation: "RFC 6455 §5.6, §8.1",
	When: "a text message, whole and inflated, is not UTF-8; reported at the first bad octet",
	Description: "A text message must be UTF-8 as a whole, after inflating. Receivers close with 1007, some " +
		`with 1002 as Chrome, which prints "Could not decode a text frame as UTF-8." The usual causes are binary ` +
		"data sent as text, text in another encoding, and output cut into messages in the middle of a character. " +
		"A character may be cut between two frames of one message; that is legal.",
	Advice: "send binary data in binary messages; encode text as UTF-8 and cut it into messages only " +
		"between characters",
	Message: textNotUTF8,
}

func textNotUTF8(m *Message, report Report) {
	if m.Over {
		return
	}
	d := Detail{At: m.BadAt, Text: fmt.Sprintf("is not UTF-8 from its octet %d on", m.BadText),
		Seen: fmt.Sprintf("an invalid sequence at octet %d", m.BadText), Wanted: "UTF-8 over the whole message"}
	if m.BadText == m.Length {
		d.Text = fmt.Sprintf("is not UTF-8: it ends after %s, inside a character", octets(m.Length))
		d.Seen = "an unfinished character at the end"
	}
	report(m.detail(d))
}

var checkDeflateError = Check{
	ID: "FRM-11", Name: "deflate-error", Level: event.Error, Fault: event.NoFault, Citation: "RFC 7692 §7.2.2",
	When: "a compressed message does not inflate",
	Description: "A compressed message is a DEFLATE stream that, unless no_context_takeover was agreed, goes on " +
		"with the history of the sender's earlier messages. Receivers close the connection. When the first " +
		`messages inflate and a later one does not ("invalid distance too far back"), the two sides differ in ` +
		"what they keep: one resets its history and the other does not, a message went through the compressor " +
		"and was then sent uncompressed, or one compressor served two connections. Safari on iOS has failed on " +
		"large compressed messages that were sound.",
	Advice: "let the sender keep or reset its compressor as the 101 agreed, and keep uncompressed messages " +
		"out of it; to prove the cause, switch permessage-deflate off",
	Needs:   MessageEnd,
	Message: deflateError,
}

func deflateError(m *Message, report Report) {
	if m.Inflate.State == ws.InflateFailed {
		report(m.detail(Detail{
			Text:   fmt.Sprintf("does not inflate: %v; %s came out before", m.Inflate.Err, octets(m.Length)),
			Seen:   fmt.Sprint(m.Inflate.Err),
			Wanted: "a DEFLATE stream that goes on where the sender's last message ended",
		}))
	}
}

var checkDeflateTailKept = Check{
	ID: "FRM-11", Name: "deflate-tail-kept", Level: event.Warning, Fault: event.NoFault, Citation: "RFC 7692 §7.2.1",
	When: "00 00 ff ff was left at the end of a compressed message",
	Description: "A sender flushes its compressor, which ends the output in 00 00 ff ff, and takes these four " +
		"octets off; the receiver puts them back before it inflates. Left on the wire they are an empty block " +
		"more, which inflates to nothing, so that no data is lost and receivers take no notice. It costs four " +
		"octets a message and shows a compressor that does not follow RFC 7692.",
	Advice:  "remove the last four octets, 00 00 ff ff, after the flush of every message",
	Needs:   MessageEnd,
	Message: deflateTailKept,
}

func deflateTailKept(m *Message, report Report) {
	if m.Finished && m.Inflate.TailKept {
		report(m.detail(Detail{
			Text: "still ends in 00 00 ff ff, which the sender must take off", Seen: "00 00 ff ff",
			Wanted: "the tail removed",
		}))
	}
}

var checkDeflateWindowExceeded = Check{
	ID: "FRM-12", Name: "deflate-window-exceeded", Level: event.Error, Fault: event.NoFault,
	Citation: "RFC 7692 §7.1.2",
	When:     "a compressed message refers back beyond the agreed window",
	Description: "The agreed window says how far back a message may refer, and so how much a receiver has to " +
		"keep. Receivers that always keep 32 KiB notice nothing; one that made room for the agreed window only " +
		`fails with "invalid distance too far back". The cause is a compressor that was set up with another ` +
		"window than the handshake says. zlib has no raw window of 8 bits, and older versions quietly use 9 in " +
		"its place (madler/zlib#171).",
	Advice: "set up the compressor with the agreed window (zlib: deflateInit2 with windowBits -9 to -15), " +
		"and do not agree on 8 bits with zlib",
	Needs:   MessageEnd,
	Message: deflateWindowExceeded,
}

func deflateWindowExceeded(m *Message, report Report) {
	beyond := m.Inflate.BeyondWindow
	if beyond.Distance == 0 {
		return
	}
	if m.Bits == 8 && m.Inflate.MaxDistance <= 512 {
		return // zlib's window of 8 bits has always been one of 9; every inflater copes
	}
	report(m.detail(Detail{
		Text: fmt.Sprintf("refers up to %d octets back, beyond the agreed window of %d bits (%d octets), first "+
			"at its octet %d", m.Inflate.MaxDistance, m.Bits, 1<<m.Bits, beyond.Offset),
		Seen: fmt.Sprint(m.Inflate.MaxDistance), Wanted: fmt.Sprintf("at most %d", 1<<m.Bits),
	}))
}

var checkDeflateContextKept = Check{
	ID: "FRM-12", Name: "deflate-context-kept", Level: event.Error, Fault: event.NoFault, Citation: "RFC 7692 §7.1.1",
	When: "a compressed message refers into an earlier one after no_context_takeover",
	Description: "After no_context_takeover every message is compressed by itself. One that refers into an " +
		"earlier message inflates only where the receiver kept the history although it need not; others fail on " +
		"the second message. The cause is a compressor that is not reset, or two threads that share one.",
	Advice: "reset the compressor after every message where no_context_takeover is agreed for the sender " +
		"(zlib: deflateReset), or do not agree to it",
	Needs:   MessageEnd,
	Message: deflateContextKept,
}

func deflateContextKept(m *Message, report Report) {
	if into := m.Inflate.IntoEarlier; into.Distance > 0 {
		report(m.detail(Detail{
			Text: fmt.Sprintf("refers %s back from its octet %d, into an earlier message, though "+
				"no_context_takeover was agreed for its sender", octets(into.Distance), into.Offset),
			Seen: "a reference before the start of the message", Wanted: "references inside the message only",
		}))
	}
}

var checkTinyFragments = Check{
	ID: "FRM-18", Name: "tiny-fragments", Level: event.Note, Fault: event.NoFault, Citation: "RFC 6455 §5.4",
	When: "a message has very many empty or 1-octet fragments",
	Description: "Fragments may be of any size and even empty, so this is legal. But each costs at least two " +
		"octets of header, six from a client, and a step of every receiver and analyser on the way; many small " +
		"frames have exhausted servers and crashed Wireshark (its issue 10989). The harmless cause is a program " +
		"that writes a message octet by octet through a streaming interface.",
	Advice: "gather small writes into one frame; on the receiving side limit the number of " +
		"fragments in a message",
	Needs:   MessageEnd,
	Message: tinyFragments,
}

func tinyFragments(m *Message, report Report) {
	if m.Tiny >= manyTiny && m.Tiny*10 >= m.Frames*9 {
		report(m.detail(Detail{
			Text: fmt.Sprintf("is cut into %d frames, %d of them empty or of one octet", m.Frames, m.Tiny),
			Seen: fmt.Sprint(m.Tiny), Wanted: "fewer, larger frames",
		}))
	}
}

// manyTiny is from how many frames on a message of mostly empty or 1-octet frames is remarkable.
const manyTiny = 64
