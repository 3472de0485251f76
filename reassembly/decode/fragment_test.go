package decode

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
	"time"
	"wshake/reassembly"

	"github.com/google/go-cmp/cmp"
	"github.com/google/gopacket/layers"
)

// slice is octets [from, to) of an IP packet's payload; to of 0 is the end.
type slice struct{ from, to int }

// fragmentsOf cuts an IP packet of either version as given. The packets are raw IP.
func fragmentsOf(whole []byte, id uint32, slices ...slice) [][]byte {
	var all [][]byte
	for _, s := range slices {
		if whole[0]>>4 == 4 {
			all = append(all, fragment4(whole, id, s))
		} else {
			all = append(all, fragment6(whole, id, s))
		}
	}
	return all
}

func fragment4(whole []byte, id uint32, s slice) []byte {
	payload := whole[20:]
	position := s.from / 8
	if s.to == 0 {
		s.to = len(payload)
	} else {
		position |= 0x2000
	}
	b := join(whole[:20], payload[s.from:s.to])
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	binary.BigEndian.PutUint16(b[4:], uint16(id))
	binary.BigEndian.PutUint16(b[6:], uint16(position))
	binary.BigEndian.PutUint16(b[10:], 0)
	binary.BigEndian.PutUint16(b[10:], ^onesComplement(0, b[:20]))
	return b
}

func fragment6(whole []byte, id uint32, s slice) []byte {
	payload := whole[40:]
	position := s.from
	if s.to == 0 {
		s.to = len(payload)
	} else {
		position |= 1
	}
	header := join([]byte{whole[6], 0}, be16(position), binary.BigEndian.AppendUint32(nil, id))
	b := join(whole[:40], header, payload[s.from:s.to])
	binary.BigEndian.PutUint16(b[4:], uint16(len(b)-40))
	b[6] = byte(layers.IPProtocolIPv6Fragment)
	return b
}

// altered is a copy of b with its last octet changed.
func altered(b []byte) []byte {
	c := bytes.Clone(b)
	c[len(c)-1] ^= 0xff
	return c
}

// decodeAll decodes raw IP packets, one second apart, and gives their outcomes and the last segment.
func decodeAll(d *Decoder, datas ...[]byte) ([]Outcome, reassembly.Segment) {
	var outcomes []Outcome
	var s reassembly.Segment
	for i, data := range datas {
		p := packet(linkRaw, data)
		p.Ordinal = uint64(i + 1)
		p.Time += int64(i) * int64(time.Second)
		outcomes = append(outcomes, d.Decode(p, &s))
	}
	return outcomes, s
}

// permutations calls do with every order of indices 0 to n-1.
func permutations(n int, do func([]int)) {
	order := make([]int, 0, n)
	var next func()
	next = func() {
		if len(order) == n {
			do(order)
			return
		}
		for i := range n {
			if !slices.Contains(order, i) {
				order = append(order, i)
				next()
				order = order[:len(order)-1]
			}
		}
	}
	next()
}

func TestFragmentsInEveryOrder(t *testing.T) {
	for _, version := range []int{4, 6} {
		whole := segmentIn(version, opener)
		pieces := fragmentsOf(whole, 77, slice{0, 8}, slice{8, 24}, slice{24, 40}, slice{40, 0})
		last := len(pieces) - 1
		permutations(len(pieces), func(order []int) {
			for _, duplicate := range order {
				d := NewDecoder(Config{CheckChecksums: true})
				var packets [][]byte
				for _, i := range order {
					packets = append(packets, pieces[i])
					if i == duplicate && i != order[last] {
						packets = append(packets, pieces[i])
					}
				}
				outcomes, got := decodeAll(d, packets...)
				for i, o := range outcomes[:len(outcomes)-1] {
					if o != FragmentHeld {
						t.Fatalf("ipv%d, order %v, packet %d: %v", version, order, i, o)
					}
				}
				if o := outcomes[len(outcomes)-1]; o != TCP {
					t.Fatalf("ipv%d, order %v: %v", version, order, o)
				}
				want := wantSegment(packet(linkRaw, packets[len(packets)-1]), version, opener)
				want.At = got.At
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("ipv%d, order %v (-want +got):\n%s", version, order, diff)
				}
				if got.At.Ordinal != uint64(len(packets)) {
					t.Fatalf("ipv%d: carried by packet %d, want the one that completed it", version, got.At.Ordinal)
				}
				if c := d.Counts(); c.Waiting != 0 || d.fragments.memory != 0 {
					t.Fatalf("ipv%d: %d datagrams and %d octets left", version, c.Waiting, d.fragments.memory)
				}
			}
		})
	}
}

// A joined payload is not part of any packet, so those may be overwritten.
func TestFragmentsAreCopied(t *testing.T) {
	d := NewDecoder(Config{})
	pieces := fragmentsOf(segmentIn(4, opener), 1, slice{0, 40}, slice{40, 0})
	var s reassembly.Segment
	for _, b := range pieces {
		d.Decode(packet(linkRaw, b), &s)
		clear(b)
	}
	if string(s.Payload) != said[opener] {
		t.Errorf("payload %q", s.Payload)
	}
}

func TestFragments(t *testing.T) {
	v4, v6 := segmentIn(4, opener), segmentIn(6, opener)
	of := func(whole []byte, s ...slice) [][]byte { return fragmentsOf(whole, 5, s...) }
	const held, dropped = FragmentHeld, FragmentDropped
	tests := []struct {
		name        string
		packets     [][]byte
		want        []Outcome
		overlapping uint64
	}{
		{"v4 identical overlap", of(v4, slice{0, 24}, slice{16, 40}, slice{8, 32}, slice{32, 0}), []Outcome{held, held, held, TCP}, 0},
		{"v4 overlap fills two holes", of(v4, slice{8, 16}, slice{24, 32}, slice{0, 40}, slice{40, 0}), []Outcome{held, held, held, TCP}, 0},
		{"v4 overlap with other content", [][]byte{
			of(v4, slice{0, 24})[0], altered(of(v4, slice{8, 24})[0]), of(v4, slice{24, 0})[0],
		}, []Outcome{held, dropped, dropped}, 1},
		{"v4 copy with other content", [][]byte{
			of(v4, slice{0, 24})[0], altered(of(v4, slice{0, 24})[0]), of(v4, slice{24, 0})[0],
		}, []Outcome{held, dropped, dropped}, 1},
		{"v4 octets behind the end", [][]byte{of(v4[:20+32], slice{24, 0})[0], of(v4, slice{32, 40})[0], of(v4, slice{0, 24})[0]}, []Outcome{held, dropped, dropped}, 1},
		{"v4 end before octets", [][]byte{of(v4, slice{32, 40})[0], of(v4[:20+32], slice{24, 0})[0]}, []Outcome{held, dropped}, 1},
		{"v4 another end", [][]byte{of(v4, slice{24, 0})[0], of(v4[:20+32], slice{24, 0})[0]}, []Outcome{held, dropped}, 1},
		{"v6 identical overlap", of(v6, slice{0, 24}, slice{16, 40}, slice{24, 0}), []Outcome{held, dropped, dropped}, 1},
		{"v6 copy", of(v6, slice{0, 24}, slice{0, 24}, slice{24, 0}), []Outcome{held, held, TCP}, 0},
		{"v6 copy with other content", [][]byte{of(v6, slice{0, 24})[0], altered(of(v6, slice{0, 24})[0])}, []Outcome{held, dropped}, 1},
		{"v6 overlap with the next", of(v6, slice{24, 40}, slice{0, 32}), []Outcome{held, dropped}, 1},
		{"other identification", [][]byte{of(v4, slice{0, 24})[0], fragmentsOf(v4, 6, slice{24, 0})[0]}, []Outcome{held, held}, 0},
		{"other protocol", [][]byte{of(v4, slice{0, 24})[0], withProtocol(of(v4, slice{24, 0})[0], layers.IPProtocolUDP)}, []Outcome{held, held}, 0},
		{"icmp", [][]byte{withProtocol(of(v4, slice{0, 24})[0], layers.IPProtocolICMPv4)}, []Outcome{NotTCP}, 0},
		{"v6 atomic", of(v6, slice{0, 0}), []Outcome{TCP}, 0},
		{"v6 atomic beside fragments", of(v6, slice{0, 24}, slice{0, 0}, slice{24, 0}), []Outcome{held, TCP, TCP}, 0},
		{"v4 not a multiple of 8", of(v4, slice{0, 9}), []Outcome{Malformed}, 0},
		{"v6 not a multiple of 8", of(v6, slice{0, 9}), []Outcome{Malformed}, 0},
		{"v4 empty", of(v4, slice{8, 8}), []Outcome{Malformed}, 0},
		{"v4 beyond 65535", [][]byte{ipv4At(65528, v4[20:])}, []Outcome{Malformed}, 0},
		{"v4 copy after the end", of(v4, slice{0, 24}, slice{24, 0}, slice{24, 0}), []Outcome{held, TCP, held}, 0},
		{"v6 first fragment's protocol counts", [][]byte{of(v6, slice{0, 24})[0], withNext(of(v6, slice{24, 0})[0], layers.IPProtocolUDP)}, []Outcome{held, TCP}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := NewDecoder(Config{})
			got, s := decodeAll(d, test.packets...)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("outcomes (-want +got):\n%s", diff)
			}
			if slices.Contains(got, TCP) && string(s.Payload) != said[opener] {
				t.Errorf("payload %q", s.Payload)
			}
			if c := d.Counts().Overlapping; c.Count != test.overlapping || c.Count > 0 && c.First.Ordinal != 1 {
				t.Errorf("overlapping %+v, want %d", c, test.overlapping)
			}
		})
	}
}

func withProtocol(b []byte, p layers.IPProtocol) []byte {
	b[9] = byte(p)
	return b
}

// withNext changes the protocol in an IPv6 fragment header.
func withNext(b []byte, p layers.IPProtocol) []byte {
	b[40] = byte(p)
	return b
}

// ipv4At is a last fragment at an offset.
func ipv4At(offset int, payload []byte) []byte {
	b := fragment4(join(segmentIn(4, opener)[:20], payload), 5, slice{0, 0})
	binary.BigEndian.PutUint16(b[6:], uint16(offset/8))
	return b
}

// A fragment that the snap length cut makes its datagram incomplete for good.
func TestFragmentCut(t *testing.T) {
	for _, version := range []int{4, 6} {
		d := NewDecoder(Config{})
		pieces := fragmentsOf(segmentIn(version, opener), 1, slice{0, 24}, slice{24, 0})
		var s reassembly.Segment
		first, second := packet(linkRaw, pieces[0]), packet(linkRaw, pieces[1])
		second.Data = second.Data[:len(second.Data)-1]
		got := []Outcome{d.Decode(first, &s), d.Decode(second, &s), d.Decode(packet(linkRaw, pieces[1]), &s)}
		if diff := cmp.Diff([]Outcome{FragmentHeld, Truncated, FragmentDropped}, got); diff != "" {
			t.Errorf("ipv%d (-want +got):\n%s", version, diff)
		}
		if d.fragments.memory != datagramMemory || d.Counts().Waiting != 0 {
			t.Errorf("ipv%d: %d octets held, %d waiting", version, d.fragments.memory, d.Counts().Waiting)
		}
	}
}

func TestFragmentAge(t *testing.T) {
	pieces := fragmentsOf(segmentIn(4, opener), 1, slice{0, 24}, slice{24, 0})
	for _, test := range []struct {
		name    string
		age     time.Duration
		want    Outcome
		expired uint64
	}{
		{"in time", 30 * time.Second, TCP, 0},
		{"too late", 30*time.Second + 1, FragmentHeld, 1},
		{"time goes backwards", -time.Hour, TCP, 0},
	} {
		d := NewDecoder(Config{FragmentAge: 30 * time.Second})
		var s reassembly.Segment
		first, second := packet(linkRaw, pieces[0]), packet(linkRaw, pieces[1])
		second.Time += int64(test.age)
		d.Decode(first, &s)
		got, counts := d.Decode(second, &s), d.Counts()
		if got != test.want || counts.Expired.Count != test.expired {
			t.Errorf("%s: %v, %d expired; want %v, %d", test.name, got, counts.Expired.Count, test.want, test.expired)
		}
	}
}

// A datagram that was given up is remembered as long as one that waits, and its age is not told again.
func TestFragmentAgeOfDropped(t *testing.T) {
	pieces := fragmentsOf(segmentIn(4, opener), 1, slice{0, 24}, slice{24, 0})
	d := NewDecoder(Config{FragmentAge: 3 * time.Second})
	first, other, last := pieces[0], altered(pieces[0]), pieces[1]
	got, s := decodeAll(d, first, other, last, last, first, last) // the fifth comes after 4 s
	want := []Outcome{FragmentHeld, FragmentDropped, FragmentDropped, FragmentDropped, FragmentHeld, TCP}
	if diff := cmp.Diff(want, got); diff != "" || string(s.Payload) != said[opener] {
		t.Errorf("payload %q, outcomes (-want +got):\n%s", s.Payload, diff)
	}
	if c := d.Counts(); c.Overlapping.Count != 1 || c.Expired.Count != 0 || d.fragments.memory != 0 || c.Waiting != 0 {
		t.Errorf("%+v", c)
	}
}

func TestFragmentLimits(t *testing.T) {
	whole := join(segmentIn(4, opener)[:20], make([]byte, 1480))
	flood := func(cfg Config, n int) *Decoder {
		d := NewDecoder(cfg)
		var s reassembly.Segment
		for i := range n {
			p := packet(linkRaw, fragment4(whole, uint32(i), slice{0, 1400}))
			p.Ordinal = uint64(i + 1)
			d.Decode(p, &s)
		}
		return d
	}
	d := flood(Config{FragmentDatagrams: 10}, 100)
	if c := d.Counts(); c.Waiting != 10 || c.Evicted.Count != 90 || c.Evicted.First.Ordinal != 1 {
		t.Errorf("limit of 10 datagrams: %+v", c)
	}
	d = flood(Config{FragmentBytes: 20000}, 100)
	if c := d.Counts(); d.fragments.memory > 20000 || d.fragments.memory < 18000 || c.Evicted.Count != 100-uint64(c.Waiting) {
		t.Errorf("limit of 20000 octets: %d held, %+v", d.fragments.memory, c)
	}
	d = flood(Config{FragmentBytes: 100}, 3)
	if c := d.Counts(); c.Waiting != 0 || c.Packets[FragmentDropped].Count != 3 || d.fragments.memory != 0 {
		t.Errorf("limit below one fragment: %+v", c)
	}
}

// The smallest fragments there can be, last one first.
func TestFragmentsSmall(t *testing.T) {
	payload := bytes.Repeat([]byte("tiny pie"), 4000)
	copy(payload, segmentIn(4, opener)[20:52])
	whole := join(segmentIn(4, opener)[:20], payload)
	d := NewDecoder(Config{})
	var s reassembly.Segment
	for from := len(payload) - 8; from >= 0; from -= 8 {
		to := from + 8
		if to == len(payload) {
			to = 0
		}
		o := d.Decode(packet(linkRaw, fragment4(whole, 1, slice{from, to})), &s)
		if want := map[bool]Outcome{true: TCP, false: FragmentHeld}[from == 0]; o != want {
			t.Fatalf("at %d: %v", from, o)
		}
	}
	if !bytes.Equal(s.Payload, payload[32:]) {
		t.Errorf("payload of %d octets differs from the %d sent", len(s.Payload), len(payload)-32)
	}
}

// Fragments of a tunnel's outside, and inside of a tunnel, also when both are the same but for the tunnel.
func TestFragmentsAndTunnels(t *testing.T) {
	frame := ether(opener, "0800", segmentIn(4, opener))
	outside := fragmentsOf(udpTo(opener, 4789, x("08000000 00000700"), frame), 9, slice{0, 48}, slice{48, 0})
	inside := fragmentsOf(segmentIn(4, opener), 9, slice{0, 24}, slice{24, 0})
	vxlan := func(vni string, b []byte) []byte {
		return udpTo(opener, 4789, x("08000000"+vni+"00"), ether(opener, "0800", b))
	}
	d := NewDecoder(Config{})
	got, s := decodeAll(d, outside...)
	if diff := cmp.Diff([]Outcome{FragmentHeld, TCP}, got); diff != "" || string(s.Payload) != said[opener] || s.Key.Tunnel == 0 {
		t.Errorf("outside fragmented: %v, %+v", got, s)
	}
	got, _ = decodeAll(d, vxlan("000007", inside[0]), vxlan("000008", inside[1]), vxlan("000008", inside[0]), vxlan("000007", inside[1]))
	if diff := cmp.Diff([]Outcome{FragmentHeld, FragmentHeld, TCP, TCP}, got); diff != "" {
		t.Errorf("inside fragmented (-want +got):\n%s", diff)
	}
}
