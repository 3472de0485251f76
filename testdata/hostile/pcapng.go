package hostile

import (
	"encoding/binary"
	"io"
	"iter"
	"math/rand/v2"
)

// WritePcapng writes packets as pcapng, between blocks and with options that a reader does not expect.
func WritePcapng(w io.Writer, seed uint64, packets iter.Seq[Packet]) (err error) {
	g := &grammar{Rand: rand.New(rand.NewPCG(seed, 1<<40))}
	write := func(kind uint32, body []byte) {
		body = pad(body)
		b := binary.LittleEndian.AppendUint32(nil, kind)
		b = binary.LittleEndian.AppendUint32(b, uint32(12+len(body)))
		b = append(b, body...)
		b = binary.LittleEndian.AppendUint32(b, uint32(12+len(body)))
		if err == nil {
			_, err = w.Write(b)
		}
	}
	begin := func() {
		write(0x0a0d0d0a, append([]byte("\x4d\x3c\x2b\x1a\x01\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff"), g.options()...))
		write(1, append([]byte{101, 0, 0, 0, 0, 0, 4, 0, 9, 0, 1, 0, 9, 0, 0, 0}, g.options()...)) // times in nanoseconds
	}
	begin()
	for p := range packets {
		switch g.IntN(60) {
		case 0:
			write(0x0bad<<16|uint32(g.IntN(1<<16)), g.junk())
		case 1:
			write(5, append(make([]byte, 12), g.options()...)) // interface statistics
		case 2:
			write(4, g.junk()) // name resolution
		case 3:
			write(10, append([]byte("KSLT\x08\x00\x00\x00CLIENT_R"), g.options()...)) // secrets
		case 4:
			write(0xbad, append([]byte{1, 2, 3, 4}, g.junk()...)) // custom
		case 5:
			begin()
		}
		b := binary.LittleEndian.AppendUint32(nil, 0)
		b = binary.LittleEndian.AppendUint32(b, uint32(p.Time>>32))
		b = binary.LittleEndian.AppendUint32(b, uint32(p.Time))
		b = binary.LittleEndian.AppendUint32(b, uint32(len(p.Data)))
		b = binary.LittleEndian.AppendUint32(b, uint32(len(p.Data)))
		b = pad(append(b, p.Data...))
		if g.rarely(10) {
			b = append(b, g.options()...)
		}
		write(6, b)
	}
	return err
}

// options are some options of a block, mostly of a form that is not expected.
func (g *grammar) options() (b []byte) {
	for range g.IntN(4) {
		value := g.junk()
		b = binary.LittleEndian.AppendUint16(b, one(g, uint16(1), 2, 3, 5, 2988, uint16(40000+g.IntN(1000))))
		b = binary.LittleEndian.AppendUint16(b, uint16(len(value)))
		b = pad(append(b, value...))
	}
	switch {
	case g.rarely(3):
		b = append(b, one(g, "\x01\x00\xff\xff", "\x00\x00\x04\x00\x00\x00\x00\x00", "\x01\x00\x03\x00ab\x1b\x00")...)
	case len(b) > 0:
		b = append(b, 0, 0, 0, 0)
	}
	return b
}

func (g *grammar) junk() []byte {
	b := make([]byte, g.IntN(40))
	for i := range b {
		b[i] = byte(g.IntN(256))
	}
	return b
}

func pad(b []byte) []byte {
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}
