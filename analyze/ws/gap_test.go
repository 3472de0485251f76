package ws

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"wshake/analyze/event"
	"wshake/analyze/ws/deflate"
	"wshake/testdata/need"

	"github.com/google/go-cmp/cmp"
)

// A gap inside a payload costs those octets and nothing else. "GAP n" stands between the pieces.
func TestGapInPayload(t *testing.T) {
	for _, c := range []sample{
		{"inside", event.Server, Options{Want: all}, `82 08 "abc" GAP 2 "fgh" 89 00`, `
+0 binary FIN 8 "abcfgh" captured=6 missing=2
  message binary frames=1 tiny=0 length=6/6 "abc" utf8=unknown incomplete missing=2
+10 ping FIN 0 ""
`},
		{"toItsEnd", event.Server, Options{Want: all}, `82 08 "abc" GAP 5 89 00`, `
+0 binary FIN 8 "abc" captured=3 missing=5
  message binary frames=1 tiny=0 length=3/3 "abc" utf8=unknown incomplete missing=5
+10 ping FIN 0 ""
`},
		{"wholePayload", event.Server, Options{Want: all}, `82 08 GAP 8 89 00`, `
+0 binary FIN 8 "" captured=0 missing=8
  message binary frames=1 tiny=0 length=0/0 "" utf8=unknown incomplete missing=8
+10 ping FIN 0 ""
`},
		{"twice", event.Server, Options{Want: all}, `82 08 GAP 1 "bcd" GAP 1 "fgh"`, `
+0 binary FIN 8 "bcdfgh" captured=6 missing=2
  message binary frames=1 tiny=0 length=6/6 "" utf8=unknown incomplete missing=2
`},
		{"masked", event.Client, Options{Want: all}, `82 88 01020304 60606060 GAP 1 606060`, `
+0 binary FIN masked 8 "abcdbcd" captured=7 missing=1
  message binary frames=1 tiny=0 length=7/7 "abcd" utf8=unknown incomplete missing=1
`},
		{"textIsNotJudged", event.Server, Options{Want: all | WantDigest}, `01 04 "a" c3 GAP 2 00 01 ff 80 01 "b" 81 01 "c"`, `
+0 text 4 "a\xc3" captured=2 missing=2
+6 continuation 1 "\xff" open
+9 continuation FIN 1 "b" open
  message text frames=3 tiny=2 length=4/4 "a\xc3" utf8=unknown incomplete missing=2
+12 text FIN 1 "c"
  message text frames=1 tiny=1 length=1/1 "c" utf8=valid sha256=2e7d2c03
`},
		{"textWasBadBefore", event.Server, Options{Want: all}, `81 04 "a" ff GAP 2`, `
  bad text at 1
+0 text FIN 4 "a\xff" captured=2 missing=2
  message text frames=1 tiny=0 length=2/2 "a\xff" utf8=invalid incomplete missing=2
`},
		{"ping", event.Server, Options{Want: all}, `89 04 "a" GAP 1 "cd"`, `
+0 ping FIN 4 "acd" captured=3 missing=1 kept=1
`},
		{"close", event.Server, Options{Want: all}, `88 06 03e8 "a" GAP 1 "cd"`, `
+0 close FIN 6 "\x03\xe8acd" captured=5 missing=1 kept=3 close(true 1000 "a" unknown)
`},
		{"closeCode", event.Server, Options{Want: all}, `88 02 03 GAP 1`, `
+0 close FIN 2 "\x03" captured=1 missing=1 close(false 0 "" unknown)
`},
		{"inflateIsLost", event.Server, Options{Extensions: ExtensionsDeflate, Want: all}, `
			c1 07 f248 GAP 2 c90700
			c1 05 f200110000          # refers to what is not known
			c1 07 f248cdc9c90700      # stands alone
			c1 05 f200110000          # refers to what is known`, `
+0 text FIN RSV1 7 "\xf2H\xc9\a\x00" captured=5 missing=2
  message text frames=1 tiny=0 length=1/5 "H" utf8=unknown incomplete missing=2 lost
+9 text FIN RSV1 5 "\xf2\x00\x11\x00\x00"
  message text frames=1 tiny=0 length=5/5 "H????" utf8=unknown inflated in part unknown=4 prefix=""
+16 text FIN RSV1 7 "\xf2H\xcd\xc9\xc9\a\x00"
  message text frames=1 tiny=0 length=5/7 "Hello" utf8=valid inflated
+25 text FIN RSV1 5 "\xf2\x00\x11\x00\x00"
  message text frames=1 tiny=0 length=5/5 "Hello" utf8=valid inflated
`},
		{"inflateOwnContext", event.Server, Options{Extensions: ExtensionsDeflate, Deflate: deflate.Config{NoContextTakeover: true}, Want: all}, `
			c1 07 f248 GAP 2 c90700
			c1 07 f248cdc9c90700`, `
+0 text FIN RSV1 7 "\xf2H\xc9\a\x00" captured=5 missing=2
  message text frames=1 tiny=0 length=1/5 "H" utf8=unknown incomplete missing=2 lost
+9 text FIN RSV1 7 "\xf2H\xcd\xc9\xc9\a\x00"
  message text frames=1 tiny=0 length=5/7 "Hello" utf8=valid inflated
`},
		{"inflateBesideTheGap", event.Server, Options{Extensions: ExtensionsDeflate, Want: all | WantDigest}, `
			c1 07 f248cdc9c90700
			82 04 "a" GAP 2 "d"       # not compressed, so no part of the history
			c1 05 f200110000`, `
+0 text FIN RSV1 7 "\xf2H\xcd\xc9\xc9\a\x00"
  message text frames=1 tiny=0 length=5/7 "Hello" utf8=valid inflated sha256=185f8db3
+9 binary FIN 4 "ad" captured=2 missing=2
  message binary frames=1 tiny=0 length=2/2 "a" utf8=unknown incomplete missing=2
+15 text FIN RSV1 5 "\xf2\x00\x11\x00\x00"
  message text frames=1 tiny=0 length=5/5 "Hello" utf8=valid inflated sha256=185f8db3
`},
		{"inflateUpToALimit", event.Server, Options{Extensions: ExtensionsDeflate, Want: all | WantDigest, MaxMessage: 3}, `
			c1 07 f248 GAP 2 c90700
			c1 05 f200110000`, `
+0 text FIN RSV1 7 "\xf2H\xc9\a\x00" captured=5 missing=2
  message text frames=1 tiny=0 length=1/5 "H" utf8=unknown incomplete missing=2 lost
+9 text FIN RSV1 5 "\xf2\x00\x11\x00\x00"
  message text frames=1 tiny=0 length=5/5 "H??" utf8=unknown inflated in part unknown=4 withheld=2 prefix=""
`},
		{"inflateUnseen", event.Server, Options{Extensions: ExtensionsUnseen, Want: all}, `
			c1 02 0600                # RSV1 may mean something else
			c1 05 4afcff0000          # text that is not UTF-8
			c1 07 f248cdc9c90700 GAP 0 `, `
+0 text FIN RSV1 2 "\x06\x00"
  message text frames=1 tiny=0 length=0/2 "" utf8=unknown lost (corrupt deflate data at octet 0: reserved block type)
+4 text FIN RSV1 5 "J\xfc\xff\x00\x00"
  message text frames=1 tiny=0 length=3/5 "a\xff\xe0" utf8=unknown inflated
+11 text FIN RSV1 7 "\xf2H\xcd\xc9\xc9\a\x00"
  message text frames=1 tiny=0 length=5/7 "Hello" utf8=valid inflated
`},
		{"inflateBehindTheStart", event.Server, Options{Extensions: ExtensionsDeflate, Want: all, Behind: true}, `
			c1 05 f200110000`, `
+0 text FIN RSV1 5 "\xf2\x00\x11\x00\x00"
  message text frames=1 tiny=0 length=5/5 "H????" utf8=unknown inflated in part unknown=4 prefix=""
`},
		{"headerThenEnd", event.Server, Options{Want: all}, `01 01 "a" 82 GAP 1`, `
+0 text 1 "a"
lost header +3 bytes=1
  message text frames=1 tiny=1 length=1/1 "a" utf8=unknown unfinished
`},
		{"inDoubt", event.Server, Options{Want: all}, `"HTTP" GAP 3 77*"x"`, `
+0 close RSV1 84 "TPxxxxxxxx".. captured=79 missing=3 kept=2 close(true 21584 "" unknown) ODD rsv control-fragmented
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := new(log)
			s := NewStream(c.side, c.options, l)
			n := 0
			for i, part := range strings.Split(c.wire, "GAP ") {
				if i > 0 {
					var size uint64
					fmt.Sscan(part, &size)
					_, part, _ = strings.Cut(part+" ", " ")
					n++
					s.Gap(packet(n), size)
				}
				n++
				s.Data(packet(n), octets(t, part))
			}
			s.End(packet(n + 1))
			if diff := cmp.Diff(strings.TrimPrefix(c.want, "\n"), l.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// talk is a stream of frames of one side, one in a segment or packed.
func talk(side event.Side, r *rand.Rand, frames int, payload func(i int) []byte) [][]byte {
	var list [][]byte
	for i := range frames {
		var key []byte
		if side == event.Client {
			key = []byte{byte(r.Uint32()), byte(r.Uint32()), byte(r.Uint32()), byte(r.Uint32())}
		}
		first := byte(0x81)
		switch {
		case i%11 == 10:
			list = append(list, frame(0x89, key, []byte("beat")))
			continue
		case i%5 == 4:
			first = 0x82
		}
		list = append(list, frame(first, key, payload(i)))
	}
	return list
}

func chat(r *rand.Rand) func(int) []byte {
	text := json(1 << 16)
	return func(int) []byte {
		at := r.IntN(len(text) - 400)
		return text[at : at+20+r.IntN(300)]
	}
}

// frameEnds notes the frames and losses of a stream.
type frameEnds struct {
	silent
	frames map[uint64]event.Header // by offset
	losses []Loss
	odd    Odd
}

func (f *frameEnds) FrameEnd(x *Frame) { f.frames[x.Offset] = x.Header; f.odd |= x.Odd }
func (f *frameEnds) Lost(l Loss)       { f.losses = append(f.losses, l) }

func readSegments(side event.Side, segments [][]byte, missing func(i int) bool) *frameEnds {
	f := &frameEnds{frames: map[uint64]event.Header{}}
	s := NewStream(side, Options{}, f)
	for i, p := range segments {
		if missing(i) {
			s.Gap(packet(i+1), uint64(len(p)))
		} else {
			s.Data(packet(i+1), p)
		}
	}
	s.End(packet(len(segments)))
	return f
}

// Whatever segment is missing, no frame is made up, and frames are found again soon.
func TestGapSwallowsHeader(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, side := range []event.Side{event.Client, event.Server} {
		frames := talk(side, r, 120, chat(r))
		for _, c := range []struct {
			name     string
			segments [][]byte
			most     int // frames lost besides those that were touched by the gap
		}{
			{"frameToASegment", frames, 1},
			{"threeToASegment", threes(frames), 3},
			{"packed", segmented(bytes.Join(frames, nil)), 20},
		} {
			t.Run(side.String()+"/"+c.name, func(t *testing.T) {
				whole := readSegments(side, c.segments, func(int) bool { return false })
				if len(whole.frames) != len(frames) || whole.odd != 0 || whole.losses != nil {
					t.Fatalf("%d frames of %d: %v %v", len(whole.frames), len(frames), whole.odd, whole.losses)
				}
				for gap := range len(c.segments) - 1 {
					got := readSegments(side, c.segments, func(i int) bool { return i == gap })
					for offset, h := range got.frames {
						if whole.frames[offset] != h {
							t.Fatalf("without segment %d: %v at %d is made up", gap, h, offset)
						}
					}
					touched := 1 + len(c.segments[gap])*len(frames)/len(bytes.Join(frames, nil))
					if lost := len(frames) - len(got.frames); lost > touched+3+c.most && gap < len(c.segments)-12 {
						t.Errorf("without segment %d of %d octets: %d frames lost; %v", gap, len(c.segments[gap]), lost, got.losses)
					}
				}
			})
		}
	}
}

func threes(frames [][]byte) (list [][]byte) {
	for i := 0; i+3 <= len(frames); i += 3 {
		list = append(list, bytes.Join(frames[i:i+3], nil))
	}
	return list
}

func TestResume(t *testing.T) {
	l := new(log)
	s := NewStream(event.Server, Options{Want: all}, l)
	for i, p := range []string{`01 03 "abc"`, "", `80 02 "de"`, `81 03 "fgh"`, `81 02 "ij"`, "", `8a 01 "k"`, `88 02 03e8`} {
		if p == "" {
			s.Gap(packet(i+1), 10)
		} else {
			s.Data(packet(i+1), octets(t, p))
		}
	}
	s.End(packet(9))
	want := `
+0 text 3 "abc"
  message text frames=1 tiny=0 length=3/3 "abc" utf8=unknown unfinished
lost resumed +15 bytes=0
+15 continuation FIN 2 "de"
  message continuation frames=1 tiny=0 length=2/2 "" utf8=unknown incomplete
+19 text FIN 3 "fgh"
  message text frames=1 tiny=0 length=3/3 "fgh" utf8=valid
+24 text FIN 2 "ij"
  message text frames=1 tiny=0 length=2/2 "ij" utf8=valid
lost resumed +38 bytes=0
+38 pong FIN 1 "k"
+41 close FIN 2 "\x03\xe8" close(true 1000 "" valid)
`
	if diff := cmp.Diff(strings.TrimPrefix(want, "\n"), l.String()); diff != "" {
		t.Error(diff)
	}
}

func TestMidstream(t *testing.T) {
	l := new(log)
	s := NewStream(event.Server, Options{Start: Midstream, Extensions: ExtensionsUnseen, Want: all}, l)
	s.Data(packet(1), octets(t, `"the end of a frame" 89 00`))
	s.Data(packet(2), octets(t, `81 05 "Hello"`))
	s.Data(packet(3), octets(t, `c1 07 f248cdc9c90700`))
	s.Data(packet(4), octets(t, `c1 05 f200510000`))
	s.End(packet(5))
	want := `
lost resumed +0 bytes=20
+20 text FIN 5 "Hello"
  message text frames=1 tiny=0 length=5/5 "Hello" utf8=valid
+27 text FIN RSV1 7 "\xf2H\xcd\xc9\xc9\a\x00"
  message text frames=1 tiny=0 length=5/7 "Hello" utf8=valid inflated
+36 text FIN RSV1 5 "\xf2\x00Q\x00\x00"
  message text frames=1 tiny=0 length=5/5 "H?Hel" utf8=unknown inflated in part unknown=1 prefix=""
`
	if diff := cmp.Diff(strings.TrimPrefix(want, "\n"), l.String()); diff != "" {
		t.Error(diff)
	}
}

// What is not frames is not found to be frames, however it is cut.
func TestSearchFindsNothing(t *testing.T) {
	for name, make := range notFrames {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(7, 8))
			for trial := range need.Rounds(10, 3) {
				for side := range event.Side(2) {
					f := &frameEnds{frames: map[uint64]event.Header{}}
					s := NewStream(side, Options{Start: Midstream, Extensions: ExtensionsUnseen}, f)
					for i, p := range make(r) {
						s.Data(packet(i+1), p)
					}
					s.End(packet(1000))
					if len(f.frames) > 0 {
						t.Fatalf("trial %d, %v: %v", trial, side, f.frames)
					}
				}
			}
		})
	}
}

// notFrames make traffic that is not WebSocket, in segments.
var notFrames = map[string]func(r *rand.Rand) [][]byte{
	"random": func(r *rand.Rand) [][]byte { return segmented(random(r, 40<<10)) },
	"randomShort": func(r *rand.Rand) (list [][]byte) {
		for range 200 {
			list = append(list, random(r, 20+r.IntN(200)))
		}
		return list
	},
	"zeros":   func(*rand.Rand) [][]byte { return segmented(make([]byte, 80<<10)) },
	"ones":    func(*rand.Rand) [][]byte { return segmented(bytes.Repeat([]byte{0xFF}, 80<<10)) },
	"JSON":    func(*rand.Rand) [][]byte { return segmented(json(30 << 10)) },
	"numbers": func(r *rand.Rand) [][]byte { return segmented(numbers(r)) },
	"DNS": func(r *rand.Rand) (list [][]byte) { // RFC 1035 §4.2.2: a length of two octets
		for range 100 {
			n := 20 + r.IntN(100)
			list = append(list, append([]byte{0, byte(n)}, random(r, n)...))
		}
		return list
	},
	"SSH": func(r *rand.Rand) (list [][]byte) {
		list = append(list, []byte("SSH-2.0-OpenSSH_9.6\r\n"))
		for range 100 {
			list = append(list, random(r, 36+8*r.IntN(10)))
		}
		return list
	},
	"TLS": func(r *rand.Rand) (list [][]byte) {
		for range 100 {
			n := 30 + r.IntN(90)
			list = append(list, append([]byte{0x17, 3, 3, 0, byte(n)}, random(r, n)...))
		}
		return list
	},
	"MQTT": func(r *rand.Rand) (list [][]byte) { // of a client: publish, subscribe, ping
		for range 100 {
			n := 20 + r.IntN(100)
			first := []byte{0x30, 0x30, 0x82, 0x32}[r.IntN(4)]
			list = append(list, append([]byte{first, byte(n)}, random(r, n)...), []byte{0xC0, 0})
		}
		return list
	},
	"HTTP": func(*rand.Rand) (list [][]byte) {
		for range 50 {
			list = append(list, []byte("GET /index.html HTTP/1.1\r\nHost: example.com\r\nAccept: */*\r\n\r\n"))
		}
		return list
	},
}

func random(r *rand.Rand, n int) []byte {
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(r.Uint32())
	}
	return p
}

// numbers are small integers of 16 and 32 bits in both byte orders, as sound and tables are.
func numbers(r *rand.Rand) (p []byte) {
	for range 4 << 10 {
		n := r.Uint32() >> (16 + r.IntN(16))
		p = append(p, byte(n), byte(n>>8), byte(n>>8), byte(n), 0, 0, byte(n>>8), byte(n))
	}
	return p
}

func TestSearchIsBounded(t *testing.T) {
	for _, size := range []int{1, 1448, 1 << 16} {
		r := rand.New(rand.NewPCG(1, 9))
		f := &frameEnds{frames: map[uint64]event.Header{}}
		s := NewStream(event.Server, Options{Start: Midstream}, f)
		const total = 3 << 19
		octets, cuts := 0, 0
		for at := 0; at < total; at += size {
			s.Data(packet(at+1), random(r, size))
			if s.unfinished != nil {
				octets, cuts = max(octets, cap(s.held.octets)), max(cuts, cap(s.held.pieces))
			}
		}
		s.End(packet(total))
		if octets > 2*searchRoom || cuts > 2*searchCuts {
			t.Errorf("%d octets, %d cuts held", octets, cuts)
		}
		if len(f.losses) != 1 || f.losses[0].Kind != LossGap || len(f.frames) != 0 {
			t.Errorf("%v, %d frames", f.losses, len(f.frames))
		}
		if got := s.Totals(); got.Undecoded != got.Captured || got.Captured < total {
			t.Errorf("%+v", got)
		}
	}
}

// However octets and gaps fall, every octet is accounted for and no more is held than stated.
func FuzzGaps(f *testing.F) {
	for _, s := range samples {
		f.Add(octets(f, s.wire), uint8(s.side), uint8(s.options.Extensions), uint64(1))
	}
	f.Fuzz(func(t *testing.T, wire []byte, side, extensions uint8, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 1))
		s := NewStream(event.Side(side&1), Options{Extensions: Extensions(extensions & 3), Start: Start(seed & 1), Want: all}, new(log))
		var captured, gaps uint64
		for i := 1; len(wire) > 0; i++ {
			n := min(len(wire), 1+r.IntN(40))
			if r.IntN(4) == 0 {
				s.Gap(packet(i), uint64(n))
				gaps += uint64(n)
			} else {
				s.Data(packet(i), wire[:n])
				captured += uint64(n)
			}
			wire = wire[n:]
		}
		s.End(packet(1 << 20))
		if got := s.Totals(); got.Captured != captured || got.Gaps != gaps || s.offset != captured+gaps || got.Undecoded > captured {
			t.Errorf("captured %d, gaps %d: %+v, offset %d", captured, gaps, got, s.offset)
		}
	})
}
