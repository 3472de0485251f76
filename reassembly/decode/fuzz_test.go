package decode

import (
	"bytes"
	"testing"
	"unsafe"

	"wshake/capture"
	"wshake/reassembly"
)

// fuzzLinks is every link type there is a decoder for.
var fuzzLinks = []capture.LinkType{
	linkEthernet, linkNull, linkPPP, linkRawBSD, linkRawOBSD, linkPPPHDLC, linkPPPoE, linkRaw, linkCHDLC, link80211, linkLoop,
	linkSLL, linkRadiotap, linkIPv4, linkIPv6, linkNFLOG, linkPKTAP, linkSLL2, linkENC, linkPFLOG, linkPrism, linkUser2, linkAVS, linkPPPD,
	linkPPI, linkPPPDir, linkCHDLCDir, linkNetANA, linkExported, 65000,
}

// FuzzDecode decodes any octets as any link type, once whole and once with a snap length. Payloads are octets of the
// packet unless the packet completed a datagram, and the snap length takes octets away from the payload and adds them
// to Cut, nothing else.
func FuzzDecode(f *testing.F) {
	index := map[capture.LinkType]uint8{}
	for i, link := range fuzzLinks {
		index[link] = uint8(i)
	}
	for _, w := range wrappings() {
		f.Add(index[w.link], w.data(opener), uint16(60))
	}
	for _, version := range []int{4, 6} {
		for _, b := range fragmentsOf(segmentIn(version, opener), 1, slice{0, 24}, slice{24, 0}, slice{8, 24}) {
			f.Add(index[linkRaw], b, uint16(30))
		}
	}
	f.Add(index[link80211], amsdu(4, opener, opener, acceptor), uint16(200))
	f.Add(index[linkRaw], udpTo(opener, 443, x("c0000000010000000000000000000000")), uint16(40))
	f.Add(uint8(len(fuzzLinks)-1), ether(opener, "0800", segmentIn(4, opener)), uint16(60))
	f.Fuzz(func(t *testing.T, link uint8, data []byte, snap uint16) {
		decodeTwice(t, fuzzLinks[int(link)%len(fuzzLinks)], data, int(snap))
	})
}

func decodeTwice(t *testing.T, link capture.LinkType, data []byte, snap int) {
	d := NewDecoder(Config{})
	whole := packet(link, data)
	var s, c reassembly.Segment
	o := d.Decode(whole, &s)
	if o == TCP { // a single packet completes no datagram
		if !within(s.Payload, data) {
			t.Fatalf("payload is not part of the packet: %x", s.Payload)
		}
		if len(s.Payload) != cap(s.Payload) {
			t.Fatalf("payload of %d octets could grow to %d", len(s.Payload), cap(s.Payload))
		}
	}
	cut := *whole
	cut.Data = data[:min(snap, len(data))]
	shorter := NewDecoder(Config{})
	switch oc := shorter.Decode(&cut, &c); {
	case oc != TCP || d.guessed || shorter.guessed:
	case o != TCP:
		t.Fatalf("%v whole, but %v when cut", o, oc)
	case c.Key != s.Key || c.From != s.From || c.Seq != s.Seq || c.Ack != s.Ack || c.Flags != s.Flags:
		t.Fatalf("cut %+v\nwhole %+v", c, s)
	case !bytes.HasPrefix(s.Payload, c.Payload) || len(c.Payload)+int(c.Cut) != len(s.Payload)+int(s.Cut):
		t.Fatalf("cut %d octets and %d, whole %d and %d", len(c.Payload), c.Cut, len(s.Payload), s.Cut)
	}
	for more := 0; d.Next(&c); more++ {
		if more > maxAggregated || !within(c.Payload, data) {
			t.Fatalf("segment %d of an aggregate: %x", more, c.Payload)
		}
	}
	// The same packet again: a fragment is now a copy.
	if again := d.Decode(whole, &c); again != o {
		t.Fatalf("%v, then %v", o, again)
	}
}

func within(part, whole []byte) bool {
	if len(part) == 0 {
		return true
	}
	from := uintptr(unsafe.Pointer(unsafe.SliceData(part))) - uintptr(unsafe.Pointer(unsafe.SliceData(whole)))
	return from < uintptr(len(whole)) && from+uintptr(len(part)) <= uintptr(len(whole))
}

// FuzzFragments gives the pieces of one datagram in any order, copied, cut and overlapping in any way: what is joined
// is the datagram.
func FuzzFragments(f *testing.F) {
	f.Add(false, []byte{0, 3, 3, 3, 6, 255})
	f.Add(true, []byte{6, 255, 0, 3, 0, 3, 3, 3})
	f.Fuzz(func(t *testing.T, six bool, script []byte) {
		version := 4
		if six {
			version = 6
		}
		whole := segmentIn(version, opener)
		payload := len(whole) - map[int]int{4: 20, 6: 40}[version]
		d := NewDecoder(Config{})
		for ; len(script) >= 2; script = script[2:] {
			from := int(script[0]) % ((payload + 7) / 8) * 8
			to := from + (int(script[1])+1)*8
			if to >= payload {
				to = 0
			}
			if from == 0 && to == 0 {
				continue // no fragment
			}
			var s reassembly.Segment
			switch o := d.Decode(packet(linkRaw, fragmentsOf(whole, 1, slice{from, to})[0]), &s); o {
			case FragmentHeld:
			case FragmentDropped:
				if version == 4 {
					t.Fatal("fragments of one datagram were found to differ")
				}
			case TCP:
				if string(s.Payload) != said[opener] {
					t.Fatalf("joined %q", s.Payload)
				}
			default:
				t.Fatal(o)
			}
		}
	})
}
