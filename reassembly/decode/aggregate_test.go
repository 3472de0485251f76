package decode

import (
	"fmt"
	"testing"

	"wshake/reassembly"
)

// amsdu is a frame of IEEE 802.11 that carries one segment for each direction given, and padding between the frames.
func amsdu(version int, dirs ...reassembly.Dir) []byte {
	b := x("8801 3000 020000000001 020000000002 020000000003 1000 8000")
	for i, dir := range dirs {
		etherType := map[int]string{4: "0800", 6: "86dd"}[version]
		frame := join(x("aaaa03 000000"+etherType), segmentIn(version, dir))
		b = join(b, x("02000000000a 02000000000b"), be16(len(frame)), frame)
		if i < len(dirs)-1 {
			b = append(b, make([]byte, -(14+len(frame))&3)...)
		}
	}
	return b
}

func TestAggregates(t *testing.T) {
	for _, version := range []int{4, 6} {
		for _, dirs := range [][]reassembly.Dir{{opener}, {opener, opener}, {opener, acceptor, opener, acceptor}} {
			for _, trailer := range []string{"", "00000000"} { // a frame check sequence
				d := NewDecoder(Config{CheckChecksums: true})
				p := packet(link80211, join(amsdu(version, dirs...), x(trailer)))
				var s reassembly.Segment
				if o := d.Decode(p, &s); o != TCP {
					t.Fatalf("ipv%d, %d frames: %v", version, len(dirs), o)
				}
				for i, dir := range dirs {
					want := wantSegment(p, version, dir)
					if string(s.Payload) != said[dir] || s.Key != want.Key || s.From != want.From || s.At != want.At || s.Cut != 0 {
						t.Errorf("ipv%d, frame %d of %d: %+v", version, i+1, len(dirs), s)
					}
					if int(s.Wire) >= len(p.Data) || int(s.Wire) < len(said[dir]) {
						t.Errorf("ipv%d, frame %d of %d: %d octets on the wire", version, i+1, len(dirs), s.Wire)
					}
					if more := d.Next(&s); more != (i < len(dirs)-1) {
						t.Fatalf("ipv%d, frame %d of %d: another %v", version, i+1, len(dirs), more)
					}
				}
				if d.Next(&s) {
					t.Error("one too many")
				}
			}
		}
	}
}

// Of frames that are cut or are no TCP the others are found, and there are at most so many.
func TestAggregatesOfOthers(t *testing.T) {
	var d *Decoder
	count := func(b []byte, length int) (n int, last reassembly.Segment) {
		p := packet(link80211, b)
		p.Length = uint32(length)
		d = NewDecoder(Config{})
		if d.Decode(p, &last) != TCP {
			return 0, last
		}
		for n = 1; d.Next(&last); n++ {
		}
		return n, last
	}
	arp := join(x("02000000000a 02000000000b 000c aaaa03 000000 0806 00010800"), make([]byte, 2))
	header := 26
	one, two := amsdu(4, opener), amsdu(4, opener, acceptor)
	between := join(one[:header], arp, one[header:])
	if n, _ := count(between, len(between)); n != 1 {
		t.Errorf("behind a frame of ARP: %d", n)
	}
	if n, s := count(two[:len(two)-5], len(two)); n != 2 || s.Cut != 5 {
		t.Errorf("cut by 5: %d segments, the last one cut by %d", n, s.Cut)
	}
	if n, _ := count(two[:len(one)], len(two)); n != 1 {
		t.Errorf("cut behind the first: %d", n)
	}
	var dirs []reassembly.Dir
	for range 3 * maxAggregated {
		dirs = append(dirs, opener)
	}
	many := amsdu(4, dirs...)
	if n, _ := count(many, len(many)); n != maxAggregated || d.Counts().Packets[TooDeep].Count != 1 {
		t.Errorf("of %d: %d, %+v", len(dirs), n, d.Counts().Packets[TooDeep])
	}
	nested := join(one[:header], x("02000000000a 02000000000b"), be16(8), x("aaaa03 000000 0806"))
	if n, _ := count(nested, len(nested)); n != 0 {
		t.Errorf("no TCP at all: %d", n)
	}
}

// A frame that is too large for one datagram of CAPWAP comes in fragments (RFC 5415 §3.4).
func TestFragmentsOfCAPWAP(t *testing.T) {
	for _, version := range []int{4, 6} {
		etherType := map[int]string{4: "0800", 6: "86dd"}[version]
		frame := ether(opener, etherType, segmentIn(version, opener))
		piece := func(from, to int, header string) []byte {
			return udpTo(opener, 5247, x(header), x("0009"), be16(from), frame[from:to])
		}
		first, last := piece(0, 48, "00 100280"), piece(48, len(frame), "00 1002c0")
		for order, pieces := range map[string][][]byte{"in order": {first, last}, "out of order": {last, first}} {
			d := NewDecoder(Config{CheckChecksums: true})
			got, s := decodeAll(d, pieces...)
			if fmt.Sprint(got) != "[fragment held tcp]" || string(s.Payload) != said[opener] || s.Key.Tunnel == 0 {
				t.Errorf("ipv%d %s: %v, %+v", version, order, got, s)
			}
		}
	}
}
