package check

import (
	"fmt"

	"wshake/analyze/event"
	"wshake/analyze/ws"
)

// Frame is a frame with what came before it on its connection.
type Frame struct {
	*ws.Frame
	// Before is the last frame of either side that was complete when this one began; its Size is 0 where there was none.
	Before Past
	// PeerClosed says that the other side had sent a Close; PeerCode is its code, 0 where it had none.
	PeerClosed bool
	PeerCode   uint16
}

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
	return s.selected(s.run(stageFrame, conn, func(c *Check, r Report) { c.Frame(f, r) }))
}

// odd makes a check of a fact that package ws reports: it fires on any of the bits, for the side that sent the frame.
func odd(bits ws.Odd, say func(f *Frame) Detail) func(*Frame, Report) {
	return func(f *Frame, report Report) {
		if !f.Odd.Has(bits) {
			return
		}
		d := say(f)
		d.At = f.First
		d.Fault = event.FaultOf(f.From)
		d.Text = fmt.Sprintf("the %s's %s frame of %s at offset %d %s", f.From, f.Opcode, octets(f.Length), f.Offset, d.Text)
		report(d)
	}
}

var (
	maskPredictable = odd(ws.OddKeyZero|ws.OddKeyConstant|ws.OddKeyCounting, func(f *Frame) Detail {
		how := "counts up"
		switch {
		case f.Odd.Has(ws.OddKeyZero):
			how = "is all zero"
		case f.Odd.Has(ws.OddKeyConstant):
			how = "is always the same"
		}
		return Detail{Text: fmt.Sprintf("is the eighth in a row whose masking key %s: %x", how, f.Key), Seen: fmt.Sprintf("%x", f.Key), Wanted: "a fresh, unpredictable key for every frame"}
	})
	rsvUnnegotiated = odd(ws.OddRSV, func(f *Frame) Detail {
		return Detail{Text: fmt.Sprintf("has %s set, which no accepted extension defines", rsv(f.RSV)), Seen: rsv(f.RSV), Wanted: "RSV bits that no extension defines are 0"}
	})
	rsv1Misplaced = odd(ws.OddRSV1Continuation|ws.OddRSV1Control, func(f *Frame) Detail {
		return Detail{Text: "has RSV1 set, which marks only the first frame of a message", Seen: rsv(f.RSV), Wanted: "RSV1 0 on continuation and control frames"}
	})
	opcodeReserved = odd(ws.OddReservedOpcode, func(f *Frame) Detail {
		return Detail{Text: fmt.Sprintf("has the reserved opcode 0x%X", uint8(f.Opcode)), Seen: fmt.Sprintf("0x%X", uint8(f.Opcode)), Wanted: "0, 1, 2, 8, 9 or A"}
	})
	lengthNotMinimal = odd(ws.OddLengthForm, func(f *Frame) Detail {
		return Detail{Text: fmt.Sprintf("has its length in the %d-bit form, longer than needed", f.LengthForm), Seen: fmt.Sprintf("%d in %d bits", f.Length, f.LengthForm), Wanted: "the shortest form"}
	})
	lengthTopBit = odd(ws.OddTopBit, func(f *Frame) Detail {
		return Detail{Text: "has the top bit of its 64-bit length set", Seen: fmt.Sprintf("%#x", f.Length), Wanted: "a length below 2^63"}
	})
	controlTooLong = odd(ws.OddControlLong, func(f *Frame) Detail {
		return Detail{Text: "is a control frame with more than 125 octets", Seen: fmt.Sprint(f.Length), Wanted: "at most 125"}
	})
	controlFragmented = odd(ws.OddControlFragmented, func(f *Frame) Detail {
		return Detail{Text: "is a control frame without FIN", Seen: "FIN 0", Wanted: "FIN 1"}
	})
	continuationUnexpected = odd(ws.OddContinuation, func(f *Frame) Detail {
		return Detail{Text: "continues no message", Seen: "continuation", Wanted: "text or binary"}
	})
	messageInterrupted = odd(ws.OddInterrupts, func(f *Frame) Detail {
		return Detail{Text: "begins a message though the one before is not finished", Seen: f.Opcode.String(), Wanted: "continuation"}
	})
	closeRepeated = odd(ws.OddCloseAgain, func(f *Frame) Detail {
		return Detail{Text: "is not the first Close of this side", Seen: "a second Close", Wanted: "nothing after the own Close"}
	})
)

// maskBit makes the two checks of the mask bit (RFC 6455 §5.1).
func maskBit(side event.Side, text, seen, wanted string) func(*Frame, Report) {
	check := odd(ws.OddMask, func(f *Frame) Detail { return Detail{Text: text, Seen: seen, Wanted: wanted} })
	return func(f *Frame, report Report) {
		if f.From == side {
			check(f, report)
		}
	}
}

var dataAfterCloseFrame = odd(ws.OddAfterClose, func(f *Frame) Detail {
	return Detail{Text: fmt.Sprintf("came after the %s's own Close", f.From), Seen: f.Opcode.String(), Wanted: "no frame after the own Close"}
})

func dataAfterClose(f *Frame, report Report) {
	if !f.Opcode.Control() {
		dataAfterCloseFrame(f, report)
	}
}

// closing completes a detail about a Close frame.
func (f *Frame) closing(d Detail) Detail {
	d.At = f.Last
	if d.Fault == event.NoFault {
		d.Fault = event.FaultOf(f.From)
	}
	return d
}

func closeBodyShort(f *Frame, report Report) {
	if f.Opcode == event.OpClose && f.Length == 1 {
		report(f.closing(Detail{Text: fmt.Sprintf("the %s's Close has a body of one octet", f.From), Seen: "1 octet", Wanted: "none, or a code of two octets and a reason"}))
	}
}

func closeCodeInvalid(f *Frame, report Report) {
	if c := f.Close.Code; f.Close.HasCode && (c < 1000 || c == 1005 || c == 1006 || c >= 1015 && c < 3000 || c >= 5000) {
		report(f.closing(Detail{Text: fmt.Sprintf("the %s's Close has the code %d, which must not be sent (%s)", f.From, c, ws.CloseName(c)), Seen: fmt.Sprint(c),
			Wanted: "1000-1003, 1007-1014, 3000-4999"}))
	}
}

func closeCodeReserved(f *Frame, report Report) {
	if f.Close.HasCode && f.Close.Code == 1004 {
		report(f.closing(Detail{Text: fmt.Sprintf("the %s's Close has the reserved code 1004", f.From), Seen: "1004", Wanted: "a code with a meaning"}))
	}
}

func closeReasonNotUTF8(f *Frame, report Report) {
	if f.Close.ReasonUTF8 == ws.UTF8Invalid {
		report(f.closing(Detail{Text: fmt.Sprintf("the reason of the %s's Close is not UTF-8: %s", f.From, show(f.Close.Reason)), Seen: show(f.Close.Reason), Wanted: "UTF-8"}))
	}
}

func closeCodeRole(f *Frame, report Report) {
	if f.Close.HasCode && f.Close.Code == 1010 && f.From == event.Server && !f.echo() {
		report(f.closing(Detail{Text: "the server closes with 1010, which is for clients whose extensions were not accepted", Seen: "1010", Wanted: "another code"}))
	}
}

// closeMeanings say what a code that reports a failure means for who reads it.
var closeMeanings = map[uint16]string{
	1002: "it saw the other side break the protocol",
	1003: "it does not take this kind of data (text or binary)",
	1007: "it got data that does not fit the message's type, such as text that is not UTF-8",
	1008: "its policy forbids what it got (authentication, rate, origin)",
	1009: "it got a message larger than it takes",
	1010: "it needs an extension that the server did not accept",
	1011: "it failed by itself (an exception, or a ping of its own that was not answered)",
	1012: "the service restarts",
	1013: "the service is overloaded, try again later",
	1014: "it is a gateway that got a bad answer from its backend",
}

func closedWithError(f *Frame, report Report) {
	code := f.Close.Code
	meaning, known := closeMeanings[code]
	if code >= 3000 && code < 5000 {
		meaning, known = "a code whose meaning is the application's own", true
		if name := ws.CloseName(code); code < 4000 && name != "registered for libraries" {
			meaning = "a code that libraries have registered"
		}
	}
	if !f.Close.HasCode || !known || f.echo() {
		return
	}
	d := Detail{Seen: fmt.Sprint(code), Text: fmt.Sprintf("the %s closed with %d (%s)", f.From, code, ws.CloseName(code))}
	if len(f.Close.Reason) > 0 {
		d.Text += ", reason " + quote(string(f.Close.Reason))
	}
	d.Text += ": " + meaning
	if f.Before.Size > 0 {
		d.Text += fmt.Sprintf("; before it came %s, %s earlier", f.Before, span(f.First.Time-f.Before.At.Time))
	}
	report(f.closing(d))
}
