package layer

import (
	"wshake/analyze/event"
	"wshake/reassembly"
)

// Buffer keeps what one side carried while it cannot be read yet. Octets are copied.
type Buffer struct {
	Pieces []Piece
	// Octets is the sum of the octets in Pieces.
	Octets int
}

// Piece is octets, a gap where Gap is not 0, or the end of the side where Why is not 0.
type Piece struct {
	At     event.At
	Octets []byte
	Gap    uint64
	Why    reassembly.End
}

// PieceSize is about what a Piece takes besides its octets.
const PieceSize = 96

// Size is about the memory that is taken, octets.
func (b *Buffer) Size() int { return b.Octets + len(b.Pieces)*PieceSize }

// Empty reports whether nothing is kept.
func (b *Buffer) Empty() bool { return len(b.Pieces) == 0 }

// Add keeps octets; those of one packet become one piece.
func (b *Buffer) Add(at event.At, p []byte) {
	b.Octets += len(p)
	if n := len(b.Pieces); n > 0 && b.Pieces[n-1].Gap == 0 && b.Pieces[n-1].Why == 0 && b.Pieces[n-1].At.Ordinal == at.Ordinal {
		b.Pieces[n-1].Octets = append(b.Pieces[n-1].Octets, p...)
		return
	}
	b.Pieces = append(b.Pieces, Piece{At: at, Octets: append([]byte(nil), p...)})
}

// AddGap keeps a gap.
func (b *Buffer) AddGap(at event.At, n uint64) {
	b.Pieces = append(b.Pieces, Piece{At: at, Gap: n})
}

// AddEnd keeps the end of the side.
func (b *Buffer) AddEnd(at event.At, why reassembly.End) {
	b.Pieces = append(b.Pieces, Piece{At: at, Why: why})
}

// Broken reports whether there is a gap in it.
func (b *Buffer) Broken() bool {
	for i := range b.Pieces {
		if b.Pieces[i].Gap > 0 {
			return true
		}
	}
	return false
}

// Next removes and returns the first piece.
func (b *Buffer) Next() Piece {
	p := b.Pieces[0]
	b.Octets -= len(p.Octets)
	b.Pieces[0] = Piece{}
	if b.Pieces = b.Pieces[1:]; len(b.Pieces) == 0 {
		b.Pieces = nil
	}
	return p
}

// PutBack puts what was not used of the piece that Next gave in front again.
func (b *Buffer) PutBack(p Piece) {
	b.Octets += len(p.Octets)
	b.Pieces = append([]Piece{p}, b.Pieces...)
}

// Drop removes the first n octets, which are all kept.
func (b *Buffer) Drop(n int) {
	for n > 0 {
		p := b.Next()
		if used := min(n, len(p.Octets)); used < len(p.Octets) {
			p.Octets = p.Octets[used:]
			b.PutBack(p)
			return
		} else {
			n -= used
		}
	}
}

// Peek appends the first octets, up to a gap and until there are n, to buf.
func (b *Buffer) Peek(buf []byte, n int) []byte {
	for _, p := range b.Pieces {
		if p.Gap > 0 || len(buf) >= n {
			break
		}
		buf = append(buf, p.Octets[:min(len(p.Octets), n-len(buf))]...)
	}
	return buf
}

// Segments are the octets of the pieces behind the last gap.
func (b *Buffer) Segments() [][]byte {
	var list [][]byte
	for _, p := range b.Pieces {
		if p.Gap > 0 {
			list = nil
			continue
		}
		list = append(list, p.Octets)
	}
	return list
}

// Replay empties the buffers of both sides into the layer that s has at the time of each call, in the order of
// capture.
func (s *Stack) Replay(b *[2]Buffer) {
	for !b[0].Empty() || !b[1].Empty() {
		side := event.Client
		if b[0].Empty() || !b[1].Empty() && b[1].Pieces[0].At.Ordinal < b[0].Pieces[0].At.Ordinal {
			side = event.Server
		}
		if p := b[side].Next(); p.Gap > 0 {
			s.Top.Gap(side, p.At, p.Gap)
		} else {
			s.Top.Data(side, p.At, p.Octets)
		}
	}
}
