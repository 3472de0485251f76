package analyze

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"wshake/testdata/need"
)

const upgrade = `-- client --
GET /chat HTTP/1.1
Host: example.com
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Key: 4tAjitqO9So2Wu8lkrsq3w==
Sec-WebSocket-Version: 13
-- server --
HTTP/1.1 101 Switching Protocols
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Accept: {accept}`

const farewell = `-- client frames --
close 1000
-- server frames --
close 1000
-- server fin --
-- client fin --`

// talk writes frames of both sides, so many messages in all; packed is how many frames share a segment at most, sizes
// are drawn below largest.
func talk(messages, packed, largest int, seed uint64) string {
	r := rand.New(rand.NewPCG(seed, 1))
	var b strings.Builder
	for said := 0; said < messages; {
		fmt.Fprintf(&b, "-- %s frames --\n", [2]string{"client", "server"}[r.IntN(2)])
		for range min(1+r.IntN(packed), messages-said) {
			said++
			n := 1 + r.IntN(largest)
			switch r.IntN(6) {
			case 0:
				fmt.Fprintf(&b, "binary %x\n", random(r, n))
			case 1:
				fmt.Fprintf(&b, "text more \"{\"\nping \"%d\"\ncontinuation \"\\\"n\\\":%d}\"\n", said, said)
			default:
				fmt.Fprintf(&b, "text %q\n", fmt.Sprintf(`{"n":%d,"text":"%s"}`, said, strings.Repeat("word ", n/5)))
			}
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func random(r *rand.Rand, n int) []byte {
	b := make([]byte, 0, n+8)
	for len(b) < n {
		b = binary.LittleEndian.AppendUint64(b, r.Uint64())
	}
	return b[:n:n]
}

func complete(r *recorder) (n int) {
	for i := range r.messages {
		if r.messages[i].Complete {
			n++
		}
	}
	return n
}

// carried counts the complete messages with octets in a packet.
func carried(r *recorder, packet uint64) (n int) {
	for i := range r.messages {
		if m := &r.messages[i]; m.Complete && m.First.Number <= packet && packet <= m.At.Number {
			n++
		}
	}
	return n
}

// Of a conversation of 200 messages without compression a lost data packet costs the messages that it carried octets
// of and hardly another: no more than two on average where frames do not share segments.
func TestLostPacketCostsFewMessages(t *testing.T) {
	for _, c := range []struct {
		name            string
		packed, largest int
	}{
		{"small frames, one in a segment", 1, 100},
		{"mixed sizes, one in a segment", 1, 1200},
		{"small frames, up to four in a segment", 4, 100},
		{"mixed sizes, up to six in a segment", 6, 400},
		{"frames of up to four segments", 2, 5000},
	} {
		t.Run(c.name, func(t *testing.T) {
			original := script(t, upgrade, talk(200, c.packed, c.largest, 1), farewell)
			whole := original.see(t)
			sent := complete(whole.report)
			if sent != 200 {
				t.Fatalf("%d messages in the whole capture", sent)
			}
			drops, lost, own := 0, 0, 0
			for k, segment := range original.segments() {
				if k < 6 || len(segment.Payload) == 0 || need.Brief() && !racing && k%5 != 0 {
					continue
				}
				got := slices.Delete(slices.Clone(original), k, k+1).see(t)
				for _, b := range breaches(whole, got) {
					t.Errorf("without packet %d: %s", k+1, b)
				}
				drops, lost, own = drops+1, lost+sent-complete(got.report), own+carried(whole.report, uint64(k+1))
			}
			mean, had := float64(lost)/float64(drops), float64(own)/float64(drops)
			t.Logf("%d packets dropped, one at a time: %.2f messages lost on average, of which the packet carried octets of %.2f", drops, mean, had)
			if mean > max(2, had+0.25) {
				t.Errorf("%.2f messages lost on average", mean)
			}
		})
	}
}
