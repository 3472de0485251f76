package part

import (
	"encoding/binary"
	"io"
)

// Files of other kinds, compressed ones, and those that are not written in the usual way are not split.
const (
	pcapHeader    = 24
	pcapRecord    = 16
	usualRecord   = 256 << 10 // captured octets
	yearSeconds   = 366 * 24 * 3600
	blockMeasured = 28 // octets of a block that are looked at: up to the captured length of an enhanced packet block
	largestBlock  = 16 << 20
)

// Block types (draft-ietf-opsawg-pcapng §11.1).
const (
	sectionHeader        = 0x0a0d0d0a
	interfaceDescription = 1
	simplePacket         = 3
	nameResolution       = 4
	interfaceStatistics  = 5
	enhancedPacket       = 6
	decryptionSecrets    = 10
	custom, customKept   = 0xbad, 0x40000bad
)

// readForm reads how a file begins. It is nil for one that is not split.
func readForm(r io.ReaderAt, size int64) *form {
	in := newWindow(r, size)
	magic := in.at(0, 12)
	if len(magic) < 12 {
		return nil
	}
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		f := &form{order: order}
		switch {
		case order.Uint32(magic) == 0xa1b2c3d4:
			f.fraction = 1e6
		case order.Uint32(magic) == 0xa1b23c4d:
			f.fraction = 1e9
		case order.Uint32(magic) == sectionHeader && order.Uint32(magic[8:]) == 0x1a2b3c4d:
			return f.readBlocks(in)
		default:
			continue
		}
		first := in.at(pcapHeader, 4)
		if order.Uint16(magic[4:]) != 2 || order.Uint16(magic[6:]) != 4 || len(first) < 4 {
			return nil
		}
		f.head, f.begin = append([]byte(nil), in.at(0, pcapHeader)...), pcapHeader
		f.seconds = order.Uint32(first)
		return f
	}
	return nil
}

// readBlocks reads the blocks before the first packet.
func (f *form) readBlocks(in *window) *form {
	for {
		b := in.at(f.begin, 12)
		if len(b) < 12 {
			return nil
		}
		kind, n := f.order.Uint32(b), int64(f.order.Uint32(b[4:]))
		if n < 12 || n%4 != 0 || n > largestBlock {
			return nil
		}
		switch kind {
		case sectionHeader, interfaceDescription:
			if kind == sectionHeader && f.begin > 0 {
				return nil
			}
			if kind == interfaceDescription {
				f.interfaces++
			}
			if n > 64<<10 || len(f.head) > 1<<20 {
				return nil
			}
			f.head = append(f.head, in.at(f.begin, int(n))...)
		case enhancedPacket, simplePacket:
			// what else stands before the first packet is the first piece's
			return f
		}
		f.begin += n
	}
}

// measured is how many octets of a record are looked at.
func (f *form) measured() int {
	if f.fraction > 0 {
		return pcapRecord
	}
	return blockMeasured
}

// measure gives the length of the record that b begins with, 0 where it is none that is read in the usual way.
func (f *form) measure(b []byte) (n int64, statistics bool) {
	if f.fraction > 0 {
		return f.measureRecord(b), false
	}
	return f.measureBlock(b)
}

func (f *form) measureRecord(b []byte) int64 {
	if len(b) < pcapRecord {
		return 0
	}
	captured, original := f.order.Uint32(b[8:]), f.order.Uint32(b[12:])
	near := f.order.Uint32(b) - f.seconds + yearSeconds
	if captured == 0 || captured > usualRecord || captured > original || original > largestBlock ||
		f.order.Uint32(b[4:]) >= f.fraction ||
		near > 2*yearSeconds {
		return 0
	}
	return pcapRecord + int64(captured)
}

func (f *form) measureBlock(b []byte) (n int64, statistics bool) {
	if len(b) < 12 {
		return 0, false
	}
	n = int64(f.order.Uint32(b[4:]))
	if n < 12 || n%4 != 0 || n > largestBlock {
		return 0, false
	}
	switch f.order.Uint32(b) {
	case enhancedPacket:
		if n < 32 || len(b) < blockMeasured || f.order.Uint32(b[8:]) >= f.interfaces ||
			int64(f.order.Uint32(b[20:])) > n-32 {
			return 0, false
		}
	case interfaceStatistics:
		return n, true
	case simplePacket:
		if f.interfaces == 0 {
			return 0, false
		}
	case nameResolution, decryptionSecrets, custom, customKept:
	default:
		return 0, false
	}
	return n, false
}

// What is looked at to find a border.
const (
	findView  = 1 << 20
	findLimit = findView / 2
	findRun   = 80 << 10 // octets of records in a row that are believed: more than most packets
)

// find is the first place not before begin from which records follow one another, -1 where there is none near.
func (f *form) find(r io.ReaderAt, begin, size int64) int64 {
	view := make([]byte, min(findView, size-begin))
	if n, _ := r.ReadAt(view, begin); n < len(view) {
		return -1
	}
	failed := make([]bool, len(view)) // no records follow from there
	for i := 0; i < min(findLimit, len(view)); i++ {
		if f.chain(view, i, begin+int64(len(view)) == size, failed) {
			return begin + int64(i)
		}
	}
	return -1
}

// chain tells whether records follow one another from i on.
func (f *form) chain(view []byte, i int, last bool, failed []bool) bool {
	at := i
	for at-i < findRun {
		if at == len(view) && last {
			return true
		}
		if at >= len(view) || failed[at] {
			break
		}
		n, _ := f.measure(view[at:min(at+f.measured(), len(view))])
		if n == 0 || f.fraction == 0 && !f.closes(view, at+int(n)-4, n) {
			break
		}
		at += int(n)
	}
	if at-i >= findRun && at <= len(view) {
		return true
	}
	for at := i; at < len(view) && !failed[at]; { // no place is followed twice
		failed[at] = true
		n, _ := f.measure(view[at:min(at+f.measured(), len(view))])
		if n == 0 {
			break
		}
		at += int(n)
	}
	return false
}

// closes tells whether a block of n octets repeats its length at its end, which is there in b.
func (f *form) closes(b []byte, at int, n int64) bool {
	return at+4 <= len(b) && int64(f.order.Uint32(b[at:])) == n
}
