package check

import (
	"fmt"
	"wshake/analyze/event"
	"wshake/analyze/ws"
)

// Frame is a frame with what came before it on its connection.
type Frame struct {
	*ws.Frame
	// Before is the last frame of either side that was complete when this one began; its Size is 0 where there was
	// none.
	Before Past
	// PeerClosed says that the other side had sent a Close; PeerCode is its code, 0 where it had none.
	PeerClosed bool
	PeerCode   uint16
	// PeerLegal says that all frames of the other side so far, PeerFrames of them, were captured and judged, and break no
	// rule; PeerUnusual is what is unusual about them.
	PeerLegal   bool
	PeerFrames  uint64
	PeerUnusual []string
	Protocol    string // the subprotocol that was agreed on, "" for none
	// Counted says of a check's name that its next finding on the connection is counted and not told, so that nobody reads
	// its text: of two octets each a sender can make millions. nil where all are told.
	Counted func(name string) bool

	check *Check // that is running
}

// counted says that the running check's next finding is only counted.
func (f *Frame) counted() bool { return f.Counted != nil && f.check != nil && f.Counted(f.check.Name) }

// Past is what is remembered of a frame.
type Past struct {
	From   event.Side
	Opcode event.Opcode
	Length uint64
	Size   uint8 // of the header; 0 for no frame
	At     event.At
}

func (p Past) String() string {
	return fmt.Sprintf("the %s's %s frame of %s in packet %d", p.From, p.Opcode, octets(p.Length), p.At.Number)
}

// echo says that a Close repeats the code of the one that it answers, and so reports nothing of its own.
func (f *Frame) echo() bool { return f.PeerClosed && f.PeerCode == f.Close.Code }

// Remarkable says whether any check may have something to say about f. Nearly no frame is.
func Remarkable(f *ws.Frame) bool {
	return f.Odd != 0 || f.Length == 1 && f.Opcode == event.OpClose || f.Close.ReasonUTF8 == ws.UTF8Invalid ||
		f.Close.HasCode && f.Close.Code != 1000 && f.Close.Code != 1001
}

// Frame judges one frame.
func (s *Set) Frame(conn *event.Conn, f *Frame) []*event.Finding {
	lost := BorderLost(f.Frame)
	return s.selected(s.run(stageFrame, 0, conn, func(c *Check, r Report) {
		if !lost || c == &checkNotWebSocket {
			f.check = c
			c.Frame(f, r)
		}
	}))
}

// odd makes a check of a fact that package ws reports: it fires on any of the bits, for the side that sent the frame.
func odd(bits ws.Odd, say func(f *Frame) Detail) func(*Frame, Report) {
	return func(f *Frame, report Report) {
		if !f.Odd.Has(bits) {
			return
		}
		if f.counted() {
			report(Detail{At: f.First, Fault: event.FaultOf(f.From)})
			return
		}
		d := say(f)
		d.At = f.First
		d.Fault = event.FaultOf(f.From)
		d.Text = fmt.Sprintf("the %s's %s frame of %s at offset %d %s",
			f.From, f.Opcode, octets(f.Length), f.Offset, d.Text)
		report(d)
	}
}
