package reassembly

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"wshake/testdata/need"
)

// recorder is a Sink that writes a direction down octet by octet, with the packet each came with, and complains
// about calls that the contract does not allow.
type recorder struct {
	conn      *Conn
	ordinal   uint64
	port      uint16    // of the opener
	text      [2][]byte // '?' in a gap
	from      [2][]uint64
	gaps      [2]int
	ends      [2]End
	faults    []string
	conflicts []string
}

func (r *recorder) fault(format string, args ...any) {
	r.faults = append(r.faults, fmt.Sprintf(format, args...))
}

func (r *recorder) Data(d Dir, at At, p []byte) {
	if r.ends[d] != 0 || len(p) == 0 {
		r.fault("direction %d: %d octets after end %d", d, len(p), r.ends[d])
	}
	r.text[d] = append(r.text[d], p...)
	for range p {
		r.from[d] = append(r.from[d], at.Ordinal)
	}
}

func (r *recorder) Gap(d Dir, at At, n uint64) {
	if r.ends[d] != 0 || n == 0 {
		r.fault("direction %d: a gap of %d after end %d", d, n, r.ends[d])
	}
	r.gaps[d]++
	n = min(n, 1<<20) // hostile numbers
	r.text[d] = append(r.text[d], bytes.Repeat([]byte("?"), int(n))...)
	r.from[d] = append(r.from[d], make([]uint64, n)...)
}

func (r *recorder) End(d Dir, at At, why End) {
	if r.ends[d] != 0 || why == 0 {
		r.fault("direction %d: end %d after end %d", d, why, r.ends[d])
	}
	r.ends[d] = why
}

func (r *recorder) Conflict(d Dir, at At, offset uint64, first, second []byte) {
	if len(first) != len(second) || first[0] == second[0] {
		r.fault("direction %d: conflict between %q and %q", d, first, second)
	}
	if r.gaps[d] == 0 && string(r.text[d][offset:][:len(first)]) != string(first) {
		r.fault("direction %d: conflict at %d with %q, delivered was %q", d, offset, first, r.text[d][offset:])
	}
	r.conflicts = append(r.conflicts, fmt.Sprint(d, offset))
}

// recorders is a Handler that records every connection.
type recorders []*recorder

func (r *recorders) Open(c *Conn) Sink {
	*r = append(*r, &recorder{conn: c, ordinal: c.Ordinal(), port: c.Endpoint(Opener).Port()})
	return (*r)[len(*r)-1]
}

// ISNs that put the wrap and the change of sign at or near the beginning.
var isns = []uint32{0, 1000, 1<<31 - 10, 1<<32 - 1, 1<<32 - 2, 1<<32 - 30, 1<<32 - 300}

// TestShuffle captures a conversation, cut into single octets, in any order.
func TestShuffle(t *testing.T) {
	said := [2]string{"GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n" + strings.Repeat("0123456789", 20), "HTTP/1.1 101 Switching Protocols\r\n\r\n" + strings.Repeat("abcdefghij", 30)}
	key, client := endpointsKey("10.0.0.2:40000", "10.0.0.1:80")
	for seed := range uint64(need.Rounds(100, 30)) {
		rng := rand.New(rand.NewPCG(seed, 1))
		var isn [2]uint32 // by side
		for i := range isn {
			isn[i] = isns[rng.IntN(len(isns))]
		}
		var segments []Segment
		for d, text := range said {
			side := client ^ uint8(d)
			syn := Segment{Key: key, From: side, Flags: SYN, Seq: isn[side]}
			if d == 1 {
				syn.Flags, syn.Ack = SYN|ACK, isn[side^1]+1
			}
			segments = append(segments, syn)
			for i := range len(text) + 1 {
				s := Segment{Key: key, From: side, Flags: ACK, Seq: isn[side] + 1 + uint32(i)}
				s.Ack = isn[side^1] + 1 + uint32(min(i, len(said[1-d])))
				if i < len(text) {
					s.Payload = []byte{text[i]}
				} else {
					s.Flags |= FIN
				}
				segments = append(segments, s)
			}
		}
		segments = append(segments, segments...)
		rng.Shuffle(len(segments), func(i, j int) { segments[i], segments[j] = segments[j], segments[i] })
		var got recorders
		table := NewTable(Config{}, &got)
		for i := range segments {
			segments[i].At = At{Ordinal: uint64(i + 1), Time: int64(i) * 1000}
			table.Segment(&segments[i])
		}
		table.Close(At{Time: int64(len(segments)) * 1000})
		if len(got) != 1 {
			t.Fatalf("seed %d: %d connections", seed, len(got))
		}
		r := got[0]
		for d := range said {
			if string(r.text[d]) != said[d] || r.ends[d] != EndFIN || len(r.faults) > 0 || len(r.conflicts) > 0 {
				t.Fatalf("seed %d, direction %d: %q, end %d, %q, %q", seed, d, r.text[d], r.ends[d], r.faults, r.conflicts)
			}
		}
		(&script{table: table}).empty(t)
	}
}

// model is ordering as one would explain it: every octet has a place; its first copy counts; what is next goes up.
type model struct {
	text []byte // octets by place, 0 for none
	from []uint64
	cut  []bool
	next int
}

// up moves on over what is there, and over everything if the capture is over.
func (m *model) up(over bool) {
	for ; m.next < len(m.text); m.next++ {
		if m.text[m.next] == 0 {
			if !over && !m.cut[m.next] {
				return
			}
			m.text[m.next] = '?'
		}
	}
}

func (m *model) segment(at int, p []byte, cut int, ordinal uint64) {
	for len(m.text) < at+len(p)+cut {
		m.text, m.from, m.cut = append(m.text, 0), append(m.from, 0), append(m.cut, false)
	}
	for i := range p {
		if place := at + i; place >= m.next && m.text[place] == 0 {
			m.text[place], m.from[place] = p[i], ordinal
		}
	}
	for i := range cut {
		m.cut[at+len(p)+i] = true
	}
	m.up(false)
}

// TestModel compares random captures of one direction (reordered, repeated, overlapping, differing, cut, lossy)
// with the model.
func TestModel(t *testing.T) {
	for seed := range uint64(need.Rounds(800, 200)) {
		rng := rand.New(rand.NewPCG(seed, 2))
		stream := make([]byte, 1+rng.IntN(400))
		scale := 1
		if seed%8 == 0 { // larger than gopacket's pages
			scale = 700
			stream = make([]byte, len(stream)*scale)
		}
		for i := range stream {
			stream[i] = byte('a' + i%26)
		}
		isn := isns[rng.IntN(len(isns))]
		type packet struct{ at, n, cut int }
		var packets []packet
		for at := 0; at < len(stream); {
			n := min(1+rng.IntN(20*scale), len(stream)-at)
			if rng.IntN(10) > 0 { // not lost
				packets = append(packets, packet{at, n, 0})
			}
			for rng.IntN(4) == 0 { // sent again, with other ends
				from := max(0, at-rng.IntN(30*scale))
				to := min(len(stream), at+n+rng.IntN(30*scale))
				packets = append(packets, packet{from, to - from, 0})
			}
			if seed%3 == 0 && len(packets) > 0 && rng.IntN(8) == 0 {
				p := &packets[rng.IntN(len(packets))]
				p.cut = rng.IntN(p.n + 1)
				p.n -= p.cut
			}
			at += n
		}
		if len(packets) == 0 {
			continue
		}
		reach := 1 + rng.IntN(len(packets))
		for i := range packets { // a packet is late by up to reach
			j := min(len(packets)-1, i+rng.IntN(reach))
			packets[i], packets[j] = packets[j], packets[i]
		}

		key, client := endpointsKey("10.0.0.2:40000", "10.0.0.1:80")
		var got recorders
		table := NewTable(Config{}, &got)
		table.Segment(&Segment{Key: key, From: client, Flags: SYN, Seq: isn})
		var want model
		for i, p := range packets {
			s := Segment{Key: key, From: client, Seq: isn + 1 + uint32(p.at), Payload: slices.Clone(stream[p.at:][:p.n]), Cut: uint32(p.cut)}
			s.At = At{Ordinal: uint64(i + 1), Time: int64(i)}
			if seed%5 == 0 && rng.IntN(3) == 0 { // differs from other copies
				for j := range s.Payload {
					s.Payload[j] -= 'a' - 'A'
				}
			}
			want.segment(p.at, s.Payload, p.cut, s.At.Ordinal)
			table.Segment(&s)
			clear(s.Payload)
			if n := table.Stats(); len(got) > 0 && n.Buffered == 0 && want.next != len(got[0].text[0]) {
				t.Fatalf("seed %d: %d octets after packet %d, want %d", seed, len(got[0].text[0]), i+1, want.next)
			}
		}
		table.Close(At{})
		want.up(true)
		if len(got) == 0 { // cuts to nothing
			continue
		}
		r := got[0]
		if !bytes.Equal(r.text[0], want.text) || !slices.Equal(r.from[0], want.from) || len(r.faults) > 0 {
			t.Fatalf("seed %d:\n got %q\nwant %q\n got %d\nwant %d\n%q", seed, r.text[0], want.text, r.from[0], want.from, r.faults)
		}
		if (len(r.conflicts) > 0) && seed%5 != 0 {
			t.Fatalf("seed %d: conflicts %q", seed, r.conflicts)
		}
		(&script{table: table}).empty(t)
	}
}
