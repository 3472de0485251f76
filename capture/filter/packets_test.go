package filter_test

import (
	"encoding/binary"
	"io"
	"math/rand/v2"
	"os"
	"testing"

	"wshake/capture"
)

// realPackets reads the captures of the project, and those of others where they are at hand.
func realPackets(t testing.TB) []capture.Packet {
	paths := []string{"../../testdata/captures"}
	if _, err := os.Stat("../../../shared/captures"); err == nil {
		paths = append(paths, "../../../shared/captures")
	}
	source, err := capture.Open(paths, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	var packets []capture.Packet
	for {
		var b capture.Batch // never released, so that the packets stay
		err := source.Read(&b)
		if err == io.EOF {
			return packets
		}
		if err != nil {
			t.Fatal(err)
		}
		packets = append(packets, b.Packets...)
	}
}

// mix gives packets of a link type: real ones, if need be with their link layer replaced, then invented ones, whose
// fields have few different values so that expressions meet them. Every fifth is cut off somewhere, which its Length
// shows.
func mix(link capture.LinkType, real []capture.Packet, n int, r *rand.Rand) []capture.Packet {
	var list []capture.Packet
	add := func(data []byte) {
		p := capture.Packet{Data: data, Length: uint32(len(data)), Link: link}
		if r.IntN(5) == 0 {
			p.Data = data[:r.IntN(len(data)+1)]
		}
		list = append(list, p)
	}
	for _, p := range real {
		if p.Link == link {
			add(p.Data)
		} else if p.Link == 1 && len(p.Data) >= 14 {
			add(framed(link, binary.BigEndian.Uint16(p.Data[12:]), p.Data[14:]))
		}
	}
	for len(list) < n {
		add(framed(link, 0, nil, invent(r)...))
	}
	return list
}

// layer is a network layer with its EtherType and tags.
type layer struct {
	tags    []byte // as in a frame, behind the addresses
	kind    uint16
	content []byte
}

// framed puts a link layer before a network layer.
func framed(link capture.LinkType, kind uint16, content []byte, invented ...layer) []byte {
	var tags []byte
	for _, l := range invented {
		tags, kind, content = l.tags, l.kind, l.content
	}
	be := binary.BigEndian
	tagged := be.AppendUint16(append([]byte(nil), tags...), kind) // EtherTypes from the outer one to the inner one
	rest := append(append([]byte(nil), tagged[2:]...), content...)
	var head []byte
	switch link {
	case 1:
		head = append(make([]byte, 12), tagged[:2]...)
	case 104:
		head = append([]byte{0x0f, 0}, tagged[:2]...)
	case 113:
		head = append(make([]byte, 14), tagged[:2]...)
	case 276:
		head = append(append(head, tagged[:2]...), make([]byte, 18)...)
	case 0, 108:
		family := map[uint16]uint32{0x0800: 2, 0x86dd: 10}[kind]
		if link == 108 {
			head = be.AppendUint32(head, family)
		} else {
			head = binary.LittleEndian.AppendUint32(head, family)
		}
		rest = content
	default:
		rest = content
	}
	return append(head, rest...)
}

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// invent makes a network layer, sometimes behind tags.
func invent(r *rand.Rand) []layer {
	be := binary.BigEndian
	var l layer
	for range pick(r, 0, 0, 0, 1, 1, 2) {
		l.tags = be.AppendUint16(l.tags, pick[uint16](r, 0x8100, 0x8100, 0x88a8, 0x9100))
		l.tags = be.AppendUint16(l.tags, pick[uint16](r, 5, 0xe005, 7, 100))
	}
	four := func() []byte {
		return pick(r, []byte{10, 0, 0, 1}, []byte{10, 0, 0, 2}, []byte{10, 1, 2, 3}, []byte{192, 168, 1, 9})
	}
	six := func() []byte {
		a := make([]byte, 16)
		copy(a, pick(r, "\x20\x01\x0d\xb8", "\x20\x01\x0d\xb8\x00\x01", "\xfe\x80"))
		a[15] = pick[byte](r, 1, 2)
		return a
	}
	ports := func() (b []byte) {
		for range 2 {
			b = be.AppendUint16(b, pick[uint16](r, 80, 443, 8080, 53, 79, 81, 50000))
		}
		return append(b, make([]byte, 12+r.IntN(60))...)
	}
	protocol := pick[byte](r, 6, 6, 6, 17, 132, 1, 58, 44, 2, 47)
	switch r.IntN(8) {
	case 0:
		l.kind = pick[uint16](r, 0x0806, 0x8035)
		l.content = append(l.content, 0, 1, 8, 0, 6, 4, 0, 1)
		l.content = append(append(l.content, make([]byte, 6)...), four()...)
		l.content = append(append(l.content, make([]byte, 6)...), four()...)
	case 1, 2:
		l.kind = 0x86dd
		l.content = append(l.content, 0x60, 0, 0, 0, 0, 40, protocol, 64)
		l.content = append(append(l.content, six()...), six()...)
		if protocol == 44 { // a fragment
			l.content = append(l.content, pick[byte](r, 6, 17, 58), 0, 0, pick[byte](r, 0, 1), 0, 0, 0, 9)
		}
		l.content = append(l.content, ports()...)
	case 3:
		l.kind = pick[uint16](r, 0x88cc, 0x8864, 0x0026)
		l.content = make([]byte, r.IntN(60))
	default:
		l.kind = 0x0800
		words := pick[byte](r, 5, 5, 5, 6, 15)
		l.content = append(l.content, 0x40|words, 0, 0, 40, 0, 0, pick[byte](r, 0, 0, 0x40, 0x20, 0x1f), pick[byte](r, 0, 0, 0, 1), 64, protocol, 0, 0)
		l.content = append(append(l.content, four()...), four()...)
		l.content = append(append(l.content, make([]byte, 4*words-20)...), ports()...)
	}
	return []layer{l}
}
