package conn

import (
	"bytes"

	"wshake/analyze/event"
	"wshake/analyze/http1"
)

// Where the beginning of a connection was not captured, a request is known by its form. A server may understand one
// that has another form, so what stands before an answer is looked at once more.

// dropBeforeOdd looks for a request of another form in front of an answer, which is held of a side. It forgets what
// was held before the two, and reports whether there is such a request.
func (d *detector) dropBeforeOdd(answer uint64, side event.Side) bool {
	client := &d.held[side.Other()]
	segments := client.Segments()
	begins := oddRequest(segments, d.maker.MaxHead)
	if begins < 0 {
		return false
	}
	for range len(client.Pieces) - len(segments) + begins {
		d.pass(side.Other(), len(client.Next().Octets))
	}
	d.dropBefore(answer, side)
	return true
}

// oddRequest finds the segment that begins with a request line and is followed by fields of a handshake, -1 where
// there is none. It looks at so many octets of the newest segments.
func oddRequest(segments [][]byte, limit int) int {
	fields := false
	for i := len(segments) - 1; i >= 0; i-- {
		p := segments[i]
		if limit -= len(p); limit < 0 {
			return -1
		}
		lower := bytes.ToLower(p)
		fields = fields || bytes.Contains(lower, []byte("\nsec-websocket-")) ||
			bytes.Contains(lower, []byte("\nupgrade"))
		if line, _, whole := bytes.Cut(bytes.TrimLeft(p, "\r\n"), []byte("\n")); fields && whole &&
			http1.LikeRequestLine(line) {
			return i
		}
	}
	return -1
}
