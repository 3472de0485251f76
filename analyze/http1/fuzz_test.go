package http1

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Any partition of the packets of a stream, with the same gaps, gives the same calls. script shapes the packets: an
// octet below 192 is the length of the next, any other a gap; its first octet says of what kind the stream is and
// whether the limits are small.
func FuzzParser(f *testing.F) {
	for _, c := range conversations {
		var stream, script []byte
		script = append(script, byte(c.kind))
		for _, p := range c.sent {
			stream = append(stream, p.data...)
			if p.gap > 0 {
				script = append(script, 192+byte(p.gap))
			} else {
				script = append(script, byte(len(p.data)))
			}
		}
		f.Add(stream, script)
		script[0] |= 2
		f.Add(stream, script)
	}
	f.Fuzz(func(t *testing.T, stream, script []byte) {
		if len(script) == 0 || len(stream) > 8<<10 {
			return
		}
		kind := Kind(script[0] & 1)
		var limits Limits
		if script[0]&2 != 0 {
			limits = Limits{HeadOctets: 40, Fields: 2}
		}
		var sent []piece
		packet := uint64(0)
		add := func(p piece) {
			packet++
			p.packet = packet
			sent = append(sent, p)
		}
		for _, n := range script[1:] {
			switch length := min(int(n), len(stream)); {
			case n >= 192:
				add(piece{gap: uint64(n-192) + 1})
			case length > 0:
				add(piece{data: stream[:length]})
				stream = stream[length:]
			}
		}
		if len(stream) > 0 {
			add(piece{data: stream})
		}
		want := play(kind, limits, answers, sent)
		for name, at := range map[string]func(int) bool{
			"octet by octet": func(int) bool { return true },
			"in pairs":       func(offset int) bool { return offset%2 == 0 },
			"by the script":  func(offset int) bool { return script[offset%len(script)]&4 != 0 },
		} {
			if diff := cmp.Diff(want, play(kind, limits, answers, cut(sent, at))); diff != "" {
				t.Fatalf("%s (-whole packets +cut):\n%s", name, diff)
			}
		}
	})
}
