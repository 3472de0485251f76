package capture

import (
	"encoding/binary"
	"math/bits"
)

// MaxRecord is the largest pcap packet and the largest pcapng block that is read, in octets.
const MaxRecord = 16 << 20

// reader reads the records of one file.
type reader interface {
	// next fills in the packet's Data, Time, Number, Length and Link. It returns io.EOF at a sound end, the *Problem that ends
	// the file, or errDry where the window holds no whole packet and may not be refilled; after errDry it can be called again.
	next(p *Packet) error
}

// notes takes what a reader finds besides packets.
type notes interface {
	problem(p *Problem) // damage that was read past
	secrets(kind uint32, data []byte)
	comment(packet uint64, text string)
}

func newReader(f format, w *window, n notes) reader {
	if f == pcapng {
		return &pcapngReader{window: w, notes: n}
	}
	return &pcapReader{window: w}
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
