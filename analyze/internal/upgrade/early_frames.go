package upgrade

import (
	"bytes"

	"wshake/analyze/event"
	"wshake/analyze/http1"
	"wshake/analyze/ws"
)

// Some servers send their first frame before their 101. The frame is kept as evidence, and what is behind it is read as
// the answer, so that the handshake and the frames behind it are judged, too.

// Limits of what is looked at for frames before the answer.
const (
	mostEarlyFrames = 64
	mostEarlyOctets = 16 << 10
)

// earlyFrames is how far the look for frames before the answer has come.
type earlyFrames struct {
	over bool // there are none, or they were found
	need int  // octets that must be held before there is more to see
}

// mayBeFrames says that p, where the answer to an upgrade should begin, may begin with a frame of a server instead.
func (x *Exchange) mayBeFrames(p []byte) bool {
	return len(p) > 0 && p[0] != 'H' && !x.frames.over && x.deciding() && !x.desynchronised[event.Server] &&
		x.parser[event.Server].BetweenMessages() && beginsServerFrame(p[0])
}

// beginsServerFrame says that b is the first octet of a frame that can be the first of a connection.
func beginsServerFrame(b byte) bool {
	op := event.Opcode(b & 0xf)
	return b&0x70 == 0 && !op.Reserved() && op != event.OpContinuation && (b&0x80 != 0 || !op.Control())
}

// takeEarlyFrames takes frames that stand before the answer out of what is held of the server. It reports whether what
// is held now can be read as an answer.
func (x *Exchange) takeEarlyFrames() (decided bool) {
	h := &x.held[event.Server]
	if first := h.Pieces[0]; first.Gap > 0 || !x.mayBeFrames(first.Octets) {
		return true
	}
	last := x.ended[event.Server] || h.Broken()
	if h.Octets < x.frames.need && !last {
		return false
	}
	octets := h.Peek(nil, mostEarlyOctets)
	count, length, need := framesBeforeAnswer(octets)
	if need > len(octets) && need <= mostEarlyOctets && !last {
		x.frames.need = need
		return false
	}
	x.frames.over = true
	if count > 0 {
		e := &x.newest().evidence
		e.NotHTTP, e.NotHTTPAt, e.FramesBefore = bytes.Clone(octets[:min(length, recentKept)]), h.Pieces[0].At, count
		h.Drop(length)
		x.base[event.Server] += uint64(length)
	}
	return true
}

// framesBeforeAnswer counts the frames before a status line, and their octets; 0 where there are none. Where more octets
// are needed to tell, need is how many in all.
func framesBeforeAnswer(octets []byte) (count, length, need int) {
	const statusLine = len("HTTP/1.1 101")
	for n, at := 0, 0; n <= mostEarlyFrames; n++ {
		rest := octets[at:]
		if n > 0 {
			switch http1.LooksLikeResponse(rest) {
			case http1.Yes:
				return n, at, 0
			case http1.More:
				return 0, 0, max(at+statusLine, len(octets)+1)
			}
		}
		if len(rest) == 0 {
			return 0, 0, len(octets) + 1
		}
		op := event.Opcode(rest[0] & 0xf)
		if rest[0]&0x70 != 0 || op.Reserved() || len(rest) > 1 && rest[1]&0x80 != 0 {
			return 0, 0, 0
		}
		h, header := ws.ParseHeader(rest)
		if header == 0 {
			return 0, 0, len(octets) + 1
		}
		if h.Length > mostEarlyOctets || op.Control() && h.Length > event.MaxControl {
			return 0, 0, 0
		}
		if at += header + int(h.Length); at > len(octets) {
			return 0, 0, at
		}
	}
	return 0, 0, 0
}
