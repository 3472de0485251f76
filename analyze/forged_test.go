package analyze

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wshake/analyze/event"
	"wshake/capture"
	"wshake/reassembly"
)

// forgery is a packet in the name of a side that it did not send.
type forgery struct {
	name    string
	flags   uint8
	seq     int // of what the side sends next
	payload string
}

var forgeries = []forgery{
	{"FIN", reassembly.FIN, 0, ""},
	{"FIN+ACK", reassembly.FIN | reassembly.ACK, 0, ""},
	{"FIN further on", reassembly.FIN | reassembly.ACK, 700, ""},
	{"RST", reassembly.RST, 0, ""},
	{"RST+ACK", reassembly.RST | reassembly.ACK, 0, ""},
	{"RST in the window", reassembly.RST, 700, ""},
	{"RST of before", reassembly.RST, -40, ""},
	{"SYN in the window", reassembly.SYN, 100, ""},
	{"SYN+ACK in the window", reassembly.SYN | reassembly.ACK, 0, ""},
	{"SYN far away", reassembly.SYN, 1 << 30, ""},
	{"SYN far away with octets", reassembly.SYN, 1 << 30, "GET / HTTP/1.1\r\n"},
}

// with puts a forged packet of a side before a packet of the tape, with the numbers that its segments have there.
func (t tape) with(f forgery, side uint8, before int) tape {
	segments := t.segments()
	var next, ack uint32
	for _, s := range segments[:before] {
		n := uint32(len(s.Payload))
		if s.Flags&(reassembly.SYN|reassembly.FIN) != 0 {
			n++
		}
		if s.From == side {
			next = s.Seq + n
		} else {
			ack = s.Seq + n
		}
	}
	key := segments[0].Key
	if f.flags&reassembly.ACK == 0 {
		ack = 0
	}
	b := ipv4TCP(key.Endpoint(side), key.Endpoint(side^1), f.flags, next+uint32(f.seq), ack, []byte(f.payload))
	b[8] = 3 // another time to live
	setChecksums(b)
	forged := capture.Packet{Data: b, Time: t[before].Time - 1000, Length: uint32(len(b)), Link: linkRaw}
	return append(append(append(tape(nil), t[:before]...), forged), t[before:]...)
}

// A forged end or beginning does not end a conversation: whatever both sides say behind it is read, and what was forged
// in the place of what is sent next is named.
func TestForgedEnds(t *testing.T) {
	whole := conversationOfOne(t)
	want := whole.analyse(t)
	end := len(whole) - 6
	for _, f := range forgeries {
		for side := range uint8(2) {
			for _, before := range []int{3, 4, 5, 6, 8, 9, 12, 13, 25, 26, 40, end} {
				name := fmt.Sprintf("%s of side %d before packet %d", f.name, side, before+1)
				got := whole.with(f, side, before).analyse(t)
				if diff := cmp.Diff(octetsOnly(want), octetsOnly(got)); diff != "" {
					t.Errorf("%s: %s (-want +got):\n%s", name, outcome(got), diff)
					continue
				}
				if len(got.findings) > 0 || len(got.connections) != 1 || got.connections[0].Ended != event.EndedClose {
					t.Errorf("%s: %s, %d connections, ended by %s", name, outcome(got), len(got.connections), got.connections[0].Ended)
				}
				named := strings.Contains(outcome(got), "revoked")
				exact := f.seq == 0 && f.flags&reassembly.SYN == 0
				if exact && f.flags&reassembly.FIN != 0 && before == end && side == 0 {
					exact = false // nothing follows in its place
				}
				if exact != named {
					t.Errorf("%s: %s", name, outcome(got))
				}
			}
		}
	}
}

// Two forged packets that follow each other hide no more than one.
func TestForgedPairs(t *testing.T) {
	whole := conversationOfOne(t)
	want := whole.analyse(t)
	reset, syn := forgery{"RST", reassembly.RST, 0, ""}, forgery{"SYN", reassembly.SYN, 1 << 30, ""}
	for side := range uint8(2) {
		for _, before := range []int{5, 8, 13, 26} {
			for _, apart := range []int{0, 1, 2, 5} {
				for _, other := range []uint8{side, side ^ 1} {
					got := whole.with(syn, other, before+apart).with(reset, side, before).analyse(t)
					if diff := cmp.Diff(octetsOnly(want), octetsOnly(got)); diff != "" {
						t.Errorf("RST of side %d before packet %d and SYN of side %d, %d later: %s (-want +got):\n%s", side, before+1, other, apart, outcome(got), diff)
					}
				}
			}
		}
	}
}

// A copy that differs is named with both contents as the peers mean them, also long after the first copy.
func TestConflictsAreUnmasked(t *testing.T) {
	whole := script(t, upgrade, "-- client frames --\ntext \"transfer 100 to alice\"", strings.Repeat("-- client frames --\ntext \""+strings.Repeat("x", 1000)+"\"\n", 10), farewell)
	segments := whole.segments()
	first := -1
	for i, s := range segments {
		if len(s.Payload) == 6+len("transfer 100 to alice") {
			first = i
			break
		}
	}
	if first < 0 {
		t.Fatal("no such frame")
	}
	for _, later := range []int{1, 3, 10, len(whole) - first - 5} {
		again := whole[first]
		again.Data = append([]byte(nil), again.Data...)
		p := again.Data[len(again.Data)-len("alice"):]
		key := segments[first].Payload[2:6]
		for i, c := range []byte("mallo") {
			p[i] = c ^ key[(len("transfer 100 to ")+i)%4]
		}
		copy(again.Data[10:], "\x00\x00")
		copy(again.Data[36:], "\x00\x00")
		setChecksums(again.Data)
		again.Time = whole[first+later].Time
		tp := append(append(append(tape(nil), whole[:first+later]...), again), whole[first+later:]...)
		r := tp.analyse(t)
		if len(r.findings) != 1 || r.findings[0].Name != "overlap-conflict" || !strings.Contains(r.findings[0].Text, `first "alice", then "mallo" (unmasked)`) {
			t.Errorf("%d packets later: %s", later, outcome(r))
			for _, f := range r.findings {
				t.Log(f.Text)
			}
		}
	}
}
