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
}

// Message judges one message.
func (s *Set) Message(conn *event.Conn, m *Message) []*event.Finding {
	return s.selected(s.run(stageMessage, conn, func(c *Check, r Report) { c.Message(m, r) }))
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

func deflateError(m *Message, report Report) {
	if m.Over && m.Inflate.State == ws.InflateFailed {
		report(m.detail(Detail{Text: fmt.Sprintf("does not inflate: %v; %s came out before", m.Inflate.Err, octets(m.Length)),
			Seen: fmt.Sprint(m.Inflate.Err), Wanted: "a DEFLATE stream that goes on where the sender's last message ended"}))
	}
}

func deflateTailKept(m *Message, report Report) {
	if m.Over && m.Finished && m.Inflate.State == ws.Inflated && m.Inflate.TailKept {
		report(m.detail(Detail{Text: "still ends in 00 00 ff ff, which the sender must take off", Seen: "00 00 ff ff", Wanted: "the tail removed"}))
	}
}

func deflateWindowExceeded(m *Message, report Report) {
	beyond := m.Inflate.BeyondWindow
	if !m.Over || beyond.Distance == 0 {
		return
	}
	if m.Bits == 8 && m.Inflate.MaxDistance <= 512 {
		return // zlib's window of 8 bits has always been one of 9; every inflater copes
	}
	report(m.detail(Detail{Text: fmt.Sprintf("refers up to %d octets back, beyond the agreed window of %d bits (%d octets), first at its octet %d",
		m.Inflate.MaxDistance, m.Bits, 1<<m.Bits, beyond.Offset),
		Seen: fmt.Sprint(m.Inflate.MaxDistance), Wanted: fmt.Sprintf("at most %d", 1<<m.Bits)}))
}

func deflateContextKept(m *Message, report Report) {
	if into := m.Inflate.IntoEarlier; m.Over && into.Distance > 0 {
		report(m.detail(Detail{Text: fmt.Sprintf("refers %s back from its octet %d, into an earlier message, though no_context_takeover was agreed for its sender", octets(into.Distance), into.Offset),
			Seen: "a reference before the start of the message", Wanted: "references inside the message only"}))
	}
}

// manyTiny is from how many frames on a message of mostly empty or 1-octet frames is remarkable.
const manyTiny = 64

func tinyFragments(m *Message, report Report) {
	if m.Over && m.Tiny >= manyTiny && m.Tiny*10 >= m.Frames*9 {
		report(m.detail(Detail{Text: fmt.Sprintf("is cut into %d frames, %d of them empty or of one octet", m.Frames, m.Tiny), Seen: fmt.Sprint(m.Tiny), Wanted: "fewer, larger frames"}))
	}
}

var tunnelNames = map[string]string{
	"ssh": "SSH", "tls": "TLS", "http": "HTTP", "socks": "SOCKS", "rfb": "RFB (VNC)", "chisel": "chisel", "wstunnel": "wstunnel",
}

func tunnel(m *Message, report Report) {
	if m.Tunnel != "" {
		d := m.detail(Detail{Text: fmt.Sprintf("carries another protocol, %s: %s", tunnelNames[m.Tunnel], show(m.Prefix)), Seen: show(m.Prefix)})
		d.Fault = event.NoFault
		report(d)
	}
}

// RemarkableMessage says whether any check may have something to say about a message that is over and no tunnel. Nearly none is.
func RemarkableMessage(m *ws.Message) bool {
	return m.Tiny >= manyTiny || m.Inflate.State == ws.InflateFailed || m.Inflate.TailKept ||
		m.Inflate.IntoEarlier.Distance > 0 || m.Inflate.BeyondWindow.Distance > 0
}
