package reassembly

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"wshake/testdata/need"
)

// conversationOf makes the segments of a random conversation: a handshake, then octets of both sides, each
// acknowledged by what the other side sends next, and both FINs. Numbers wrap in many of them.
func conversationOf(rng *rand.Rand, key Key, client uint8) []Segment {
	next := [2]uint32{isns[rng.IntN(len(isns))], isns[rng.IntN(len(isns))] + rng.Uint32N(1<<30)}
	var all []Segment
	send := func(side, flags uint8, n int) {
		s := Segment{Key: key, From: side, Flags: flags, Seq: next[side], Window: 501, Wire: uint32(54 + n)}
		if flags&ACK != 0 {
			s.Ack = next[side^1]
		}
		for range n {
			s.Payload = append(s.Payload, byte('a'+rng.IntN(26)))
		}
		next[side] += uint32(n)
		if flags&(SYN|FIN) != 0 {
			next[side]++
		}
		all = append(all, s)
	}
	server := client ^ 1
	send(client, SYN, 0)
	send(server, SYN|ACK, 0)
	send(client, ACK, 0)
	for range 3 + rng.IntN(40) {
		side := uint8(rng.IntN(2))
		send(side, ACK, 1+rng.IntN(200))
		if rng.IntN(3) > 0 {
			send(side^1, ACK, 0)
		}
	}
	send(client, ACK|FIN, 0)
	send(server, ACK|FIN, 0)
	send(client, ACK, 0)
	return all
}

// playAll numbers the segments, gives them to a new table and returns what came out.
func playAll(t *testing.T, all []Segment, step time.Duration) (recorders, *Table) {
	t.Helper()
	var got recorders
	table := NewTable(Config{}, &got)
	var now int64
	for i := range all {
		s := all[i]
		if s.At.Time != 0 {
			now = s.At.Time
		} else {
			now += int64(step)
		}
		s.At = At{Ordinal: uint64(i + 1), Number: uint64(i + 1), Time: now, Acked: -1}
		s.Payload = slices.Clone(s.Payload)
		table.Segment(&s)
		clear(s.Payload)
	}
	table.Close(At{Ordinal: uint64(len(all)), Time: now})
	(&script{table: table}).empty(t)
	for _, r := range got {
		if len(r.faults) > 0 {
			t.Fatalf("%q", r.faults)
		}
	}
	return got, table
}

// sameStreams compares texts and ends.
func sameStreams(t *testing.T, what string, want, got recorders) {
	t.Helper()
	if len(want) != len(got) {
		t.Fatalf("%s: %d connections, want %d", what, len(got), len(want))
	}
	for i := range want {
		for d := range 2 {
			w, g := want[i], got[i]
			if string(w.text[d]) != string(g.text[d]) || w.ends[d] != g.ends[d] || len(g.conflicts) > 0 {
				t.Fatalf("%s: connection %d, direction %d: %q, end %d, conflicts %q; want %q, end %d",
					what, i, d, g.text[d], g.ends[d], g.conflicts, w.text[d], w.ends[d])
			}
		}
	}
}

// What does not take octets out of a capture does not change the streams.
func TestLaws(t *testing.T) {
	key, client := endpointsKey("10.0.0.2:40000", "10.0.0.1:80")
	seeds := uint64(need.Rounds(300, 100))
	var revoked, damaged, jumped, unplaced uint64
	defer func() {
		if least := seeds / 3; revoked < least || damaged < least || jumped < least || unplaced < least {
			t.Errorf("too little happens: %d RSTs revoked, %d segments damaged, %d clock jumps, %d segments nowhere",
				revoked, damaged, jumped, unplaced)
		}
	}()
	for seed := range seeds {
		rng := rand.New(rand.NewPCG(seed, 3))
		all := conversationOf(rng, key, client)
		want, _ := playAll(t, all, time.Millisecond)
		if len(want) != 1 {
			t.Fatalf("seed %d: %d connections", seed, len(want))
		}

		split := slices.Clone(all)
		tunnels := [2]uint64{uint64(rng.IntN(3)), 7 + uint64(rng.IntN(3))}
		from := rng.IntN(2) * rng.IntN(4) // some without their handshake
		for i := range split {
			split[i].Key.Tunnel = tunnels[split[i].From]
		}
		got, table := playAll(t, split, time.Millisecond)
		sameStreams(t, fmt.Sprintf("seed %d, directions in two tunnels", seed), want, got)
		if table.Stats().Joined != 1 {
			t.Fatalf("seed %d: %d joined", seed, table.Stats().Joined)
		}
		whole, _ := playAll(t, all[from:], time.Millisecond)
		part, _ := playAll(t, split[from:], time.Millisecond)
		sameStreams(t, fmt.Sprintf("seed %d, two tunnels, from packet %d on", seed, from), whole, part)

		// The same ends in two networks that look alike: each keeps its streams.
		other := conversationOf(rng, key, client)
		mixed, origin := mix(rng, all, other)
		got, _ = playAll(t, mixed, time.Millisecond)
		second, _ := playAll(t, other, time.Millisecond)
		both := recorders{want[0], second[0]}
		if origin[0] == 1 {
			both[0], both[1] = both[1], both[0]
		}
		if len(got) == 2 && string(got[0].text[0]) != string(both[0].text[0]) {
			got[0], got[1] = got[1], got[0] // who carries octets first is opened first
		}
		if far(all[0].Seq, other[0].Seq) && far(all[1].Seq, other[1].Seq) {
			sameStreams(t, fmt.Sprintf("seed %d, the same ends twice", seed), both, got)
		}

		// The same in two tunnels, whatever their numbers.
		for i := range mixed {
			mixed[i].Key.Tunnel = uint64(1 + origin[i])
		}
		got, _ = playAll(t, mixed, time.Millisecond)
		if len(got) == 2 && string(got[0].text[0]) != string(both[0].text[0]) {
			got[0], got[1] = got[1], got[0]
		}
		sameStreams(t, fmt.Sprintf("seed %d, two tunnels with both directions each", seed), both, got)

		// The clock jumps, once or often.
		jumps := slices.Clone(all)
		now := int64(1e18)
		for i := range jumps {
			if rng.IntN(8) == 0 {
				now += []int64{-4e17, 9e17, -2 * 86400e9, 2 * 86400e9, -3600e9, 100 * 86400e9}[rng.IntN(6)]
			}
			now += 1e6
			jumps[i].At.Time = now
		}
		got, table = playAll(t, jumps, 0)
		if table.ClockJump().At.Ordinal > 0 {
			jumped++
		}
		sameStreams(t, fmt.Sprintf("seed %d, clock jumps", seed), want, got)

		// Forged RSTs in the names of both, that their receivers would accept.
		forged := slices.Clone(all)
		for range 1 + rng.IntN(3) {
			at := 3 + rng.IntN(len(forged)-5)
			if rst, ok := forge(forged[:at], forged[at:]); ok {
				forged = slices.Insert(forged, at, rst)
			}
		}
		got, table = playAll(t, forged, time.Millisecond)
		revoked += table.Stats().RevokedRST
		sameStreams(t, fmt.Sprintf("seed %d, forged RSTs", seed), want, got)

		// Octets far away from all windows.
		stray := slices.Clone(all)
		for range 1 + rng.IntN(3) {
			at := 3 + rng.IntN(len(stray)-4)
			s := stray[at]
			s.Flags, s.Seq, s.Ack, s.Payload = ACK, s.Seq+1<<30+rng.Uint32N(1<<30), s.Ack+1<<30, nil
			stray = slices.Insert(stray, at, s)
		}
		got, table = playAll(t, stray, time.Millisecond)
		unplaced += table.Stats().Unplaced
		sameStreams(t, fmt.Sprintf("seed %d, strays", seed), want, got)

		// Damaged segments, sent again.
		sum := slices.Clone(all)
		for i := range sum {
			sum[i].seal()
		}
		for range 1 + rng.IntN(4) {
			at := 3 + rng.IntN(len(sum)-5)
			if len(sum[at].Payload) > 0 && sum[at].checksumRight() {
				bad := sum[at]
				bad.Raw = slices.Clone(bad.Raw)
				bad.Raw[20+rng.IntN(len(bad.Payload))] ^= 1 << rng.IntN(8)
				bad.Payload = bad.Raw[20:]
				sum = slices.Insert(sum, at, bad)
			}
		}
		got, table = playAll(t, sum, time.Millisecond)
		damaged += table.Stats().Damaged
		sameStreams(t, fmt.Sprintf("seed %d, damaged segments", seed), want, got)

		// No checksum was filled in, or those of the handshake only.
		for _, from := range []int{0, 3} {
			for i := range sum[:len(all)] {
				sum[i] = all[i]
				sum[i].seal()
				if i >= from {
					sum[i].Raw[17] ^= 0x55
				}
			}
			got, _ = playAll(t, sum[:len(all)], time.Millisecond)
			sameStreams(t, fmt.Sprintf("seed %d, no checksums from %d on", seed, from), want, got)
		}
	}
}

func far(a, b uint32) bool { return a-b+2*nearDistance > 4*nearDistance }

// mix merges two captures at random, keeping the order of each, and says which each segment is from.
func mix(rng *rand.Rand, a, b []Segment) (all []Segment, origin []int) {
	for len(a)+len(b) > 0 {
		if len(b) == 0 || len(a) > 0 && rng.IntN(2) == 0 {
			all, origin, a = append(all, a[0]), append(origin, 0), a[1:]
		} else {
			all, origin, b = append(all, b[0]), append(origin, 1), b[1:]
		}
	}
	return all, origin
}

// forge makes a RST in the name of the sender of the next octets, where they begin, if the other side
// acknowledges them later.
func forge(before, after []Segment) (Segment, bool) {
	for i, s := range after {
		if len(s.Payload) == 0 || s.Flags&RST != 0 {
			continue
		}
		for _, later := range after[i+1:] {
			if later.From != s.From && later.Flags&RST == 0 && later.Ack-s.Seq > 0 && int32(later.Ack-s.Seq) > 0 {
				return Segment{Key: s.Key, From: s.From, Flags: RST, Seq: s.Seq, Wire: 54}, true
			}
		}
		break
	}
	return Segment{}, false
}

// seal makes Raw, with a right checksum.
func (s *Segment) seal() {
	b := make([]byte, 20, 20+len(s.Payload))
	binary.BigEndian.PutUint16(b, s.Key.Port[s.From])
	binary.BigEndian.PutUint16(b[2:], s.Key.Port[s.From^1])
	binary.BigEndian.PutUint32(b[4:], s.Seq)
	binary.BigEndian.PutUint32(b[8:], s.Ack)
	b[12], b[13] = 5<<4, s.Flags
	binary.BigEndian.PutUint16(b[14:], s.Window)
	b = append(b, s.Payload...)
	var sum uint32 // as in RFC 1071 §4.1
	add := func(p []byte) {
		for ; len(p) > 1; p = p[2:] {
			sum += uint32(p[0])<<8 | uint32(p[1])
		}
		if len(p) > 0 {
			sum += uint32(p[0]) << 8
		}
	}
	add(s.Key.Addr[0][12:])
	add(s.Key.Addr[1][12:])
	add([]byte{0, 6, byte(len(b) >> 8), byte(len(b))})
	add(b)
	for sum>>16 != 0 {
		sum = sum>>16 + sum&0xffff
	}
	binary.BigEndian.PutUint16(b[16:], ^uint16(sum))
	s.Raw, s.Payload = b, b[20:]
}
