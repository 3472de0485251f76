package http2

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// cut cuts the octets of each call where at says so, counted from the call's first octet; the pieces are of one
// packet.
func cut(calls []call, at func(offset int) bool) []numberedCall {
	var list []numberedCall
	for i, c := range calls {
		packet := uint64(i + 1)
		for begin := 0; begin < len(c.octets); {
			end := begin + 1
			for end < len(c.octets) && !at(end) {
				end++
			}
			list = append(list, numberedCall{call{side: c.side, octets: c.octets[begin:end]}, packet})
			begin = end
		}
		if c.gap > 0 || c.end {
			list = append(list, numberedCall{c, packet})
		}
	}
	return list
}

// However packets are cut, the same is told.
func TestScenesCutAnyhow(t *testing.T) {
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			d := newDialogue()
			s.say(d)
			want := play(s.options, new(recorder), d.calls)
			for n := 1; n < 12; n++ {
				got := playNumbered(s.options, new(recorder), cut(d.calls, func(offset int) bool { return offset%n == 0 }))
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("in pieces of %d (-whole packets +cut):\n%s", n, diff)
				}
			}
		})
	}
}

// Whatever is captured: no panic, the same however it is cut, and each LossRest and LossResumed within what was sent.
// script shapes the packets of stream: an octet below 64 is the length of the next packet of the client, below 128 of
// the server, below 192 a gap of the client, else of the server; its first octet says where the sides begin and
// whether the limits are small.
func FuzzReader(f *testing.F) {
	for i, s := range scenes {
		d := newDialogue()
		s.say(d)
		var stream, script []byte
		script = append(script, byte(i))
		for _, c := range d.calls {
			p := c.octets
			for len(p) > 0 {
				n := min(len(p), 63)
				script = append(script, byte(n)+64*byte(c.side))
				stream = append(stream, p[:n]...)
				p = p[n:]
			}
			if c.gap > 0 {
				script = append(script, byte(min(c.gap, 64)-1)+128+64*byte(c.side))
			}
		}
		if len(stream) < 8<<10 {
			f.Add(stream, script)
			script[0] = 0
			f.Add(stream, script)
		}
	}
	f.Fuzz(func(t *testing.T, stream, script []byte) {
		if len(script) == 0 || len(stream) > 8<<10 || len(script) > 1000 {
			return
		}
		o := Options{Midstream: [2]bool{script[0]&1 != 0, script[0]&2 != 0}, Upgraded: script[0]&4 != 0}
		if script[0]&8 != 0 {
			o.Limits = Limits{Block: 100, Fields: 4, List: 400, Table: 200, Streams: 2, Settings: 2, Held: 300, Search: 500}
		}
		var calls []call
		for _, n := range script[1:] {
			side := Side(n >> 6 & 1)
			length := int(n & 63)
			if n >= 128 {
				calls = append(calls, call{side: side, gap: uint64(length) + 1})
				continue
			}
			if length = min(length, len(stream)); length > 0 {
				calls = append(calls, call{side: side, octets: stream[:length]})
				stream = stream[length:]
			}
		}
		if len(stream) > 0 {
			calls = append(calls, call{side: Client, octets: stream})
		}
		calls = append(calls, call{side: Client, end: true}, call{side: Server, end: true})
		follow := func() *recorder {
			return &recorder{next: func(h *Head) Next {
				return [...]Next{Follow, Follow, Follow, Pass, Ignore}[(int(h.Stream)+int(h.Kind))%5]
			}, stray: func(stream uint32) Next { return Next(stream / 2 % 2) }}
		}
		want := play(o, follow(), calls)
		for name, at := range map[string]func(int) bool{
			"octet by octet": func(int) bool { return true },
			"in threes":      func(offset int) bool { return offset%3 == 0 },
			"by the script":  func(offset int) bool { return script[offset%len(script)]&4 != 0 },
		} {
			got := playNumbered(o, follow(), cut(calls, at))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s (-whole packets +cut):\n%s", name, diff)
			}
		}
		if n := strings.Count(strings.Join(want, "\n"), " over"); n != 2 {
			t.Fatalf("%d sides are over", n)
		}
	})
}
