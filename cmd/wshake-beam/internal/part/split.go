package part

import (
	"encoding/binary"
	"io"
	"slices"
)

// A large file is split at the borders of its records (pcap) or blocks (pcapng), so that it is not one worker's. Each
// worker looks for a border behind the place where its piece is to begin, and follows the records to the border where
// the next piece is to begin. What a payload holds may look like records; so Settle has the pieces fit each other:
// where the one before ends is where a piece begins.

// Split is the pieces of a file of so many octets, each about step octets long, or the file itself. Their numbers begin
// with first. Where they begin and end is found by Walk.
func (f File) Split(octets, step int64, first int32) (pieces []File) {
	f.Piece = first
	if step <= 0 || octets <= step {
		return []File{f}
	}
	for begin := int64(0); begin < octets; begin += step {
		piece := f
		piece.Piece += int32(len(pieces))
		piece.Begin, piece.End = begin, min(begin+step, octets)
		pieces = append(pieces, piece)
	}
	return pieces
}

// Walked is what Walk found.
type Walked struct {
	File
	Size    int64 // of the whole file
	Nominal int64 // where the piece was to begin
	Plain   bool  // the records from Begin to End are such as can be read without those before them
	// Counted says that the piece has a block of statistics: what is behind it would be counted once more.
	Counted bool
}

// Walk finds the borders of a piece: the first one not before Begin, and the first one not before End.
func Walk(f File, r io.ReaderAt, size int64) *Walked {
	w := &Walked{File: f, Size: size, Nominal: f.Begin}
	form := readForm(r, size)
	if form == nil {
		return w
	}
	w.Head = form.head
	begin := max(f.Begin, form.begin)
	if f.Begin > form.begin {
		if begin = form.find(r, f.Begin, size); begin < 0 {
			begin = f.End // Settle walks
		}
	}
	w.walk(form, r, begin)
	return w
}

// walk follows the records from a border on.
func (w *Walked) walk(form *form, r io.ReaderAt, begin int64) {
	at, end := begin, w.End
	w.Begin, w.Counted = begin, false
	in := newWindow(r, w.Size)
	for at < end {
		head := in.at(at, form.measured())
		n, statistics := form.measure(head)
		if n > 0 && form.fraction == 0 && !form.closes(in.at(at+n-4, 4), 0, n) {
			n = 0
		}
		if n == 0 || w.Counted && !statistics || at+n > w.Size {
			w.End = at
			w.Plain = false
			return
		}
		w.Counted = w.Counted || statistics
		at += n
	}
	w.End, w.Plain = at, true
}

// Settle gives the pieces of a file: its pieces as they were walked, each once and in any order. Where they cannot be
// read each by itself the file is one piece.
func Settle(walked []*Walked, r io.ReaderAt) []File {
	slices.SortFunc(walked, func(a, b *Walked) int { return int(a.Piece - b.Piece) })
	walked = slices.CompactFunc(walked, func(a, b *Walked) bool { return a.Piece == b.Piece })
	whole := walked[0].File
	whole.Begin, whole.End, whole.Head = 0, 0, nil
	form := readForm(r, walked[0].Size)
	if form == nil {
		return []File{whole}
	}
	var pieces []File
	at, counted := form.begin, false
	for i, w := range walked {
		if w.Begin != at || !w.Plain { // what is before it ends elsewhere
			w.End = w.Size
			if i+1 < len(walked) {
				w.End = walked[i+1].Nominal
			}
			w.walk(form, r, at)
		}
		if !w.Plain || counted && w.End > w.Begin {
			return []File{whole}
		}
		counted = counted || w.Counted
		if at = w.End; w.End == w.Begin {
			continue
		}
		if w.Begin == form.begin {
			w.Begin, w.Head = 0, nil
		}
		pieces = append(pieces, w.File)
	}
	if len(pieces) == 0 {
		return []File{whole}
	}
	return pieces
}

// window reads a file in order.
type window struct {
	r      io.ReaderAt
	size   int64
	begin  int64
	octets []byte
}

func newWindow(r io.ReaderAt, size int64) *window {
	return &window{r: r, size: size, octets: make([]byte, 0, min(256<<10, size))}
}

// at gives n octets from a place on, fewer at the end of the file.
func (w *window) at(place int64, n int) []byte {
	if place < w.begin || place+int64(n) > w.begin+int64(len(w.octets)) {
		w.begin = place
		got, _ := w.r.ReadAt(w.octets[:min(int64(cap(w.octets)), max(w.size-place, 0))], place) // less at an error: no record
		w.octets = w.octets[:got]
	}
	b := w.octets[place-w.begin:]
	return b[:min(n, len(b))]
}

// form is how a file's records are measured.
type form struct {
	order      binary.ByteOrder
	head       []byte // what a piece begins with in place of what is before it
	begin      int64  // of the first record
	fraction   uint32 // pcap: units of a second
	seconds    uint32 // pcap: of the first record
	interfaces uint32 // pcapng
}
