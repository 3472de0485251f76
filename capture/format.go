package capture

import (
	"encoding/binary"
	"math/bits"
)

// MaxRecord is the largest pcap packet and the largest pcapng block that is read, in octets.
const MaxRecord = 16 << 20

// reader reads the records of one file.
type reader interface {
	// next fills in the packet's Data, Time, Number, Length and Link. It returns io.EOF at a sound end, the *Problem that
	// ends the file, *anotherFile where one begins behind it, or errWouldBlock where no whole packet was read yet and
	// reading is forbidden; it can be called again then.
	next(p *Packet) error
}

// observer is told what a reader finds besides packets.
type observer interface {
	problem(p *Problem) // damage that was read past
	secrets(kind uint32, data []byte)
	snapLength(octets uint32)                // what an interface or a file declares
	dropped(kernel, device int64)            // how much more, or less, packets were lost than was told before
	anotherFile(offset int64, packet uint64) // a file begins behind the one that was read so far, and behind that packet
}

func newReader(f format, w *peekReader, n observer) reader {
	h := header{format: f}
	return h.reader(w, n, 0)
}

// order is the byte order in which a file's numbers are written.
type order uint8

const (
	littleEndian order = iota
	bigEndian
)

func (o order) u16(b []byte) uint16 {
	v := binary.LittleEndian.Uint16(b)
	if o == bigEndian {
		v = bits.ReverseBytes16(v)
	}
	return v
}

func (o order) u32(b []byte) uint32 {
	v := binary.LittleEndian.Uint32(b)
	if o == bigEndian {
		v = bits.ReverseBytes32(v)
	}
	return v
}

func (o order) u64(b []byte) uint64 {
	v := binary.LittleEndian.Uint64(b)
	if o == bigEndian {
		v = bits.ReverseBytes64(v)
	}
	return v
}
