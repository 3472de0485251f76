package ws

import (
	"bytes"
	"compress/flate"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"wshake/analyze/event"

	"github.com/google/go-cmp/cmp"
)

// sample is a stream and what a log of it says.
type sample struct {
	name    string
	side    event.Side
	options Options
	wire    string // see octets
	want    string
}

const all = WantFramePayload | WantMessagePayload

var samples = []sample{
	{"text", event.Server, Options{Want: all}, `81 05 "Hello"`, `
+0 text FIN 5 "Hello"
  message text frames=1 tiny=0 length=5/5 "Hello" utf8=valid
`},
	{"textMasked", event.Client, Options{Want: all}, `81 85 37fa213d 7f9f4d5158`, `
+0 text FIN masked 5 "Hello"
  message text frames=1 tiny=0 length=5/5 "Hello" utf8=valid
`},
	{"digest", event.Server, Options{Want: all | WantDigest}, `01 03 "Hel" 80 02 "lo"`, `
+0 text 3 "Hel"
+5 continuation FIN 2 "lo" open
  message text frames=2 tiny=0 length=5/5 "Hello" utf8=valid sha256=185f8db3
`},
	{"pingBetweenFragments", event.Server, Options{Want: all}, `
		01 03 "Hel"
		89 02 "up"
		80 02 "lo"
		8a 00`, `
+0 text 3 "Hel"
+5 ping FIN 2 "up" open
+9 continuation FIN 2 "lo" open
  message text frames=2 tiny=0 length=5/5 "Hello" utf8=valid
+13 pong FIN 0 ""
`},
	{"emptyEverything", event.Server, Options{Want: all}, `
		81 00                # an empty message
		02 00 00 00 80 00    # one of three empty fragments
		01 00 80 01 "x"
		89 00 88 00`, `
+0 text FIN 0 ""
  message text frames=1 tiny=1 length=0/0 "" utf8=valid
+2 binary 0 ""
+4 continuation 0 "" open
+6 continuation FIN 0 "" open
  message binary frames=3 tiny=3 length=0/0 "" utf8=unknown
+8 text 0 ""
+10 continuation FIN 1 "x" open
  message text frames=2 tiny=2 length=1/1 "x" utf8=valid
+13 ping FIN 0 ""
+15 close FIN 0 "" close(false 0 "" valid)
`},
	{"codePointOverFragments", event.Server, Options{Want: all}, `
		01 02 f09f
		00 01 98
		89 01 ff            # a control frame is no part of the text
		80 01 80`, `
+0 text 2 "\xf0\x9f"
+4 continuation 1 "\x98" open
+7 ping FIN 1 "\xff" open
+10 continuation FIN 1 "\x80" open
  message text frames=3 tiny=2 length=4/4 "😀" utf8=valid
`},
	{"badText", event.Server, Options{Want: all}, `
		01 02 "a" c3
		80 03 "(" ffff      # the first bad octet is reported, once
		81 01 "b"`, `
+0 text 2 "a\xc3"
  bad text at 2
+4 continuation FIN 3 "(\xff\xff" open
  message text frames=2 tiny=0 length=5/5 "a\xc3(\xff\xff" utf8=invalid
+9 text FIN 1 "b"
  message text frames=1 tiny=1 length=1/1 "b" utf8=valid
`},
	{"textEndsInsideCharacter", event.Server, Options{Want: all}, `81 03 "a" e282`, `
+0 text FIN 3 "a\xe2\x82"
  bad text at 3
  message text frames=1 tiny=0 length=3/3 "a\xe2\x82" utf8=invalid
`},
	{"badTextNeverFinished", event.Server, Options{Want: all}, `01 05 "ab" ff`, `
  bad text at 2
+0 text 5 "ab\xff" captured=3 missing=0
  message text frames=1 tiny=0 length=3/3 "ab\xff" utf8=invalid unfinished
`},
	{"closeCode", event.Server, Options{Want: all}, `88 05 03e8 "bye"`, `
+0 close FIN 5 "\x03\xe8bye" close(true 1000 "bye" valid)
`},
	{"closeOneOctet", event.Server, Options{Want: all}, `88 01 03`, `
+0 close FIN 1 "\x03" close(false 0 "" valid)
`},
	{"closeReasonNotUTF8", event.Server, Options{Want: all}, `88 04 03e8 c328`, `
+0 close FIN 4 "\x03\xe8\xc3(" close(true 1000 "\xc3(" invalid)
`},
	{"closeTooLong", event.Server, Options{Want: all}, `88 7e 007e 03e9 124*"x"`, `
+0 close FIN 126 "\x03\xe9xxxxxxxx".. kept=125 close(true 1001 "` + strings.Repeat("x", 123) + `" unknown) ODD control-long
`},
	{"afterClose", event.Server, Options{Want: all}, `88 00 81 01 "x" 89 00 88 00`, `
+0 close FIN 0 "" close(false 0 "" valid)
+2 text FIN 1 "x" ODD after-close
  message text frames=1 tiny=1 length=1/1 "x" utf8=valid
+5 ping FIN 0 "" ODD after-close
+7 close FIN 0 "" close(false 0 "" valid) ODD close-again
`},
	{"masks", event.Server, Options{Want: all}, `81 81 01020304 79`, `
+0 text FIN masked 1 "x" ODD mask
  message text frames=1 tiny=1 length=1/1 "x" utf8=valid
`},
	{"maskMissing", event.Client, Options{Want: all}, `81 01 "x"`, `
+0 text FIN 1 "x" ODD mask
  message text frames=1 tiny=1 length=1/1 "x" utf8=valid
`},
	{"rsv1NotAgreed", event.Server, Options{Want: all}, `c1 01 ff 81 01 "x"`, `
+0 text FIN RSV1 1 "\xff" ODD rsv
  message text frames=1 tiny=1 length=1/1 "\xff" utf8=unknown opaque
+3 text FIN 1 "x"
  message text frames=1 tiny=1 length=1/1 "x" utf8=valid
`},
	{"rsvOnContinuation", event.Server, Options{Want: all}, `01 01 "x" a0 01 ff`, `
+0 text 1 "x"
+3 continuation FIN RSV2 1 "\xff" open ODD rsv
  message text frames=2 tiny=2 length=2/2 "x\xff" utf8=unknown opaque
`},
	{"reservedOpcodes", event.Server, Options{Want: all}, `83 01 "x" 89 00 8b 01 "y" 88 00`, `
+0 reserved-0x3 FIN 1 "x" ODD reserved-opcode
+3 ping FIN 0 ""
+5 reserved-0xb FIN 1 "y" ODD reserved-opcode
+8 close FIN 0 "" close(false 0 "" valid)
`},
	{"lengthPadded16", event.Server, Options{Want: all}, `82 7e 0001 "x"`, `
+0 binary FIN 1 "x" ODD length-form
  message binary frames=1 tiny=1 length=1/1 "x" utf8=unknown
`},
	{"lengthPadded64", event.Server, Options{Want: all}, `82 7f 0000000000000001 "x"`, `
+0 binary FIN 1 "x" ODD length-form
  message binary frames=1 tiny=1 length=1/1 "x" utf8=unknown
`},
	{"lengthTopBit", event.Server, Options{Want: all}, `82 7f 8000000000000001 "xxxx"`, `
+0 binary FIN 9223372036854775809 "" captured=0 missing=0 ODD top-bit
  message binary frames=1 tiny=0 length=0/0 "" utf8=unknown unfinished
lost desync +10 bytes=0
`},
	{"pingFragmented", event.Server, Options{Want: all}, `09 01 "x" 80 01 "y" 88 00`, `
+0 ping 1 "x" ODD control-fragmented
+3 continuation FIN 1 "y" ODD continuation
+6 close FIN 0 "" close(false 0 "" valid)
`},
	{"pingTooLong", event.Server, Options{Want: all}, `89 7e 007e 126*"x" 8a 00`, `
+0 ping FIN 126 "xxxxxxxxxx".. kept=125 ODD control-long
+130 pong FIN 0 ""
`},
	{"continuationsUnasked", event.Server, Options{Want: all}, `00 01 "a" 80 01 "b" 01 01 "c" 80 01 "d" 80 01 "e"`, `
+0 continuation 1 "a" ODD continuation
+3 continuation FIN 1 "b" ODD continuation
+6 text 1 "c"
+9 continuation FIN 1 "d" open
  message text frames=2 tiny=2 length=2/2 "cd" utf8=valid
+12 continuation FIN 1 "e" ODD continuation
`},
	{"messageInterrupted", event.Server, Options{Want: all}, `01 01 "a" 82 01 "b" 89 00`, `
+0 text 1 "a"
  message text frames=1 tiny=1 length=1/1 "a" utf8=unknown unfinished interrupted
+3 binary FIN 1 "b" open ODD interrupts
  message binary frames=1 tiny=1 length=1/1 "b" utf8=unknown
+6 ping FIN 0 ""
`},
	{"endsInsideHeader", event.Server, Options{Want: all}, `89 00 82 7e 01`, `
+0 ping FIN 0 ""
lost header +2 bytes=3
`},
	{"endsInsidePayload", event.Server, Options{Want: all}, `82 05 "abc"`, `
+0 binary FIN 5 "abc" captured=3 missing=0
  message binary frames=1 tiny=0 length=3/3 "abc" utf8=unknown unfinished
`},
	{"endsInsideControl", event.Server, Options{Want: all}, `88 05 03e8 "b"`, `
+0 close FIN 5 "\x03\xe8b" captured=3 missing=0 close(true 1000 "b" unknown)
`},
	{"withheld", event.Server, Options{Want: WantMessagePayload, MaxMessage: 3}, `01 02 "ab" 80 03 "cde" 81 02 "fg"`, `
+0 text 2 ""
+4 continuation FIN 3 "" open
  message text frames=2 tiny=0 length=5/5 "abc" utf8=valid withheld=2 prefix="abcde"
+9 text FIN 2 ""
  message text frames=1 tiny=0 length=2/2 "fg" utf8=valid
`},
	{"prefixOnly", event.Client, Options{}, `82 fe 0080 01020304 32*"abcd"`, `
+0 binary FIN masked 128 ""
  message binary frames=1 tiny=0 length=128/128 "" utf8=unknown prefix="` + strings.Repeat("`", 10) + `"..
`},
	{"notWebSocketAnswer", event.Server, Options{Want: all}, `81 01 "x" "HTTP/1.1 400 Bad Request\r\n\r\n"`, `
+0 text FIN 1 "x"
  message text frames=1 tiny=1 length=1/1 "x" utf8=valid
lost foreign +3 bytes=7 HTTP response
`},
	{"notWebSocketChunked", event.Server, Options{Want: all}, `"0\r\n\r\n" 81 00`, `
lost foreign +0 bytes=5 end of a chunked HTTP body
`},
	{"notWebSocketTLS", event.Client, Options{Want: all}, `16 03 01 0200 01 0001fc 0303`, `
lost foreign +0 bytes=3 TLS record
`},
	{"nearlyHTTP", event.Server, Options{Want: all}, `"HTTQ" 82*"x" 81 01 "y"`, `
+0 close RSV1 84 "TQxxxxxxxx".. close(true 21585 "` + strings.Repeat("x", 82) + `" valid) ODD rsv control-fragmented
+86 text FIN 1 "y" ODD after-close
  message text frames=1 tiny=1 length=1/1 "y" utf8=valid
`},
	{"cutBeforeItIsHTTP", event.Server, Options{Want: all}, `"HTT"`, `
+0 close RSV1 84 "T" captured=1 missing=0 close(false 0 "" unknown) ODD rsv control-fragmented
`},
	{"desync", event.Server, Options{Want: all}, `81 01 "x" f3 01 00 f5 01 00 81 01 "y"`, `
+0 text FIN 1 "x"
  message text frames=1 tiny=1 length=1/1 "x" utf8=valid
+3 reserved-0x3 FIN RSV1 RSV2 RSV3 1 "\x00" ODD rsv reserved-opcode
lost desync +6 bytes=2
`},
	{"brokenBetweenSound", event.Server, Options{Want: all}, `f1 01 "x" 89 00 f7 00 8a 00 83 00 88 00`, `
+0 text FIN RSV1 RSV2 RSV3 1 "x" ODD rsv
  message text frames=1 tiny=1 length=1/1 "x" utf8=unknown opaque
+3 ping FIN 0 ""
+5 reserved-0x7 FIN RSV1 RSV2 RSV3 0 "" ODD rsv reserved-opcode
+7 pong FIN 0 ""
+9 reserved-0x3 FIN 0 "" ODD reserved-opcode
+11 close FIN 0 "" close(false 0 "" valid)
`},
	{"rsv1EverywhereIsNoDesync", event.Server, Options{Want: all}, `c1 01 00 c2 01 00 c1 01 00`, `
+0 text FIN RSV1 1 "\x00" ODD rsv
  message text frames=1 tiny=1 length=1/1 "\x00" utf8=unknown opaque
+3 binary FIN RSV1 1 "\x00" ODD rsv
  message binary frames=1 tiny=1 length=1/1 "\x00" utf8=unknown opaque
+6 text FIN RSV1 1 "\x00" ODD rsv
  message text frames=1 tiny=1 length=1/1 "\x00" utf8=unknown opaque
`},
	{"unseenHandshake", event.Server, Options{Extensions: ExtensionsUnseen, Want: all}, `
		c1 07 f248cdc9c90700   # RFC 7692 §7.2.3.1
		83 00`, `
+0 text FIN RSV1 7 "\xf2H\xcd\xc9\xc9\a\x00"
  message text frames=1 tiny=0 length=5/7 "Hello" utf8=valid inflated
+9 reserved-0x3 FIN 0 ""
`},
	{"foreignExtension", event.Server, Options{Extensions: ExtensionsForeign, RSV: event.RSV1, Want: all}, `c1 01 ff 81 01 "x" 83 00 a1 00`, `
+0 text FIN RSV1 1 "\xff"
  message text frames=1 tiny=1 length=1/1 "\xff" utf8=unknown opaque
+3 text FIN 1 "x"
  message text frames=1 tiny=1 length=1/1 "x" utf8=valid
+6 reserved-0x3 FIN 0 ""
+8 text FIN RSV2 0 "" ODD rsv
  message text frames=1 tiny=1 length=0/0 "" utf8=unknown opaque
`},
	{"deflate", event.Server, Options{Extensions: ExtensionsDeflate, Want: all}, `
		c1 07 f248cdc9c90700   # "Hello", RFC 7692 §7.2.3.1
		81 05 "plain"          # stays out of the history
		c1 05 f200110000       # "Hello" again, by reference, §7.2.3.2
		41 03 f248cd 80 04 c9c90700 # in fragments: RSV1 on the first only
		c1 0b 0005 00faff 48656c6c6f 00 # a stored block, §7.2.3.3
		c1 01 00               # an empty message, §7.2.3.6
		89 02 "up"`, `
+0 text FIN RSV1 7 "\xf2H\xcd\xc9\xc9\a\x00"
  message text frames=1 tiny=0 length=5/7 "Hello" utf8=valid inflated
+9 text FIN 5 "plain"
  message text frames=1 tiny=0 length=5/5 "plain" utf8=valid
+16 text FIN RSV1 5 "\xf2\x00\x11\x00\x00"
  message text frames=1 tiny=0 length=5/5 "Hello" utf8=valid inflated
+23 text RSV1 3 "\xf2H\xcd"
+28 continuation FIN 4 "\xc9\xc9\a\x00" open
  message text frames=2 tiny=0 length=5/7 "Hello" utf8=valid inflated
+34 text FIN RSV1 11 "\x00\x05\x00\xfa\xffHello\x00"
  message text frames=1 tiny=0 length=5/11 "Hello" utf8=valid inflated
+47 text FIN RSV1 1 "\x00"
  message text frames=1 tiny=1 length=0/1 "" utf8=valid inflated
+50 ping FIN 2 "up"
`},
	{"deflateMisplaced", event.Server, Options{Extensions: ExtensionsDeflate, Want: all}, `
		41 03 f248cd c0 04 c9c90700
		c9 00`, `
+0 text RSV1 3 "\xf2H\xcd"
+5 continuation FIN RSV1 4 "\xc9\xc9\a\x00" open ODD rsv1-continuation
  message text frames=2 tiny=0 length=5/7 "Hello" utf8=valid inflated
+11 ping FIN RSV1 0 "" ODD rsv1-control
`},
	{"deflateCorrupt", event.Server, Options{Extensions: ExtensionsDeflate, Want: all}, `
		c1 07 f248cdc9c90700
		c1 02 07 00            # block type 3
		c1 05 f200110000       # refers to what is not known now
		81 01 "x"`, `
+0 text FIN RSV1 7 "\xf2H\xcd\xc9\xc9\a\x00"
  message text frames=1 tiny=0 length=5/7 "Hello" utf8=valid inflated
+9 text FIN RSV1 2 "\a\x00"
  message text frames=1 tiny=0 length=0/2 "" utf8=unknown failed (corrupt deflate data at octet 0: reserved block type)
+13 text FIN RSV1 5 "\xf2\x00\x11\x00\x00"
  message text frames=1 tiny=0 length=5/5 "H????" utf8=unknown inflated in part unknown=4 prefix=""
+20 text FIN 1 "x"
  message text frames=1 tiny=1 length=1/1 "x" utf8=valid
`},
	{"deflateInterrupted", event.Server, Options{Extensions: ExtensionsDeflate, Want: all}, `
		41 03 f248cd
		c1 07 f248cdc9c90700`, `
+0 text RSV1 3 "\xf2H\xcd"
  message text frames=1 tiny=0 length=2/3 "He" utf8=unknown unfinished interrupted inflated
+5 text FIN RSV1 7 "\xf2H\xcd\xc9\xc9\a\x00" open ODD interrupts
  message text frames=1 tiny=0 length=5/7 "Hello" utf8=valid inflated
`},
	{"deflateBadText", event.Server, Options{Extensions: ExtensionsDeflate, Want: all}, `
		c1 08 00 0200fdff "a" ff 00
		c1 08 00 0200fdff "ab" 00`, `
  bad text at 1
+0 text FIN RSV1 8 "\x00\x02\x00\xfd\xffa\xff\x00"
  message text frames=1 tiny=0 length=2/8 "a\xff" utf8=invalid inflated
+10 text FIN RSV1 8 "\x00\x02\x00\xfd\xffab\x00"
  message text frames=1 tiny=0 length=2/8 "ab" utf8=valid inflated
`},
}

// run reads wire in pieces of the given sizes, the last of which is repeated. Every piece is a packet of its own.
func run(s *sample, wire []byte, l *log, sizes ...int) *log {
	st := NewStream(s.side, s.options, l)
	n := 0
	for i := 0; len(wire) > 0; i++ {
		size := min(max(1, sizes[min(i, len(sizes)-1)]), len(wire))
		n++
		at := packet(n)
		piece := bytes.Clone(wire[:size])
		st.Data(at, piece)
		for i := range piece {
			piece[i] = 0xA5 // borrowed, no more
		}
		wire = wire[size:]
	}
	st.End(packet(n + 1))
	return l
}

func TestStream(t *testing.T) {
	for _, s := range samples {
		t.Run(s.name, func(t *testing.T) {
			wire := octets(t, s.wire)
			got := run(&s, wire, &log{}, len(wire))
			if diff := cmp.Diff(strings.TrimPrefix(s.want, "\n"), got.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestStreamSplit(t *testing.T) {
	for _, s := range samples {
		t.Run(s.name, func(t *testing.T) {
			wire := octets(t, s.wire)
			want := run(&s, wire, &log{}, len(wire)).String()
			if s.options.Want&WantDigest != 0 { // the same in the end
				s.options.Want = all | WantLateDigest
			}
			check := func(sizes ...int) {
				t.Helper()
				if diff := cmp.Diff(want, run(&s, wire, &log{}, sizes...).String()); diff != "" {
					t.Fatalf("pieces of %v:\n%s", sizes, diff)
				}
			}
			for i := 1; i < len(wire); i++ {
				check(i, len(wire))
			}
			for i := range 20 {
				check(i + 1)
			}
			r := rand.New(rand.NewPCG(1, uint64(len(wire))))
			for range 20 {
				sizes := make([]int, 10)
				for i := range sizes {
					sizes[i] = 1 + r.IntN(6)
				}
				check(sizes...)
			}
		})
	}
}

// With one octet to a packet, the packets of a frame are its offsets.
func TestStreamPackets(t *testing.T) {
	s := sample{side: event.Server, options: Options{Want: all}}
	wire := octets(t, `01 03 "Hel" 89 00 80 02 "l" ff "HTTQ" 10*"x"`)
	want := `
+0 @1-5 text 3 "Hel"
+5 @6-7 ping FIN 0 "" open
  bad text at 4 @11-11
+7 @8-11 continuation FIN 2 "l\xff" open
  @1-11 message text frames=2 tiny=0 length=5/5 "Hell\xff" utf8=invalid
+11 @12-25 close RSV1 84 "TQxxxxxxxxxx" captured=12 missing=0 close(true 21585 "xxxxxxxxxx" unknown) ODD rsv control-fragmented
`
	if diff := cmp.Diff(strings.TrimPrefix(want, "\n"), run(&s, wire, &log{packets: true}, 1).String()); diff != "" {
		t.Error(diff)
	}
}

// A packet captured late that fills a hole is the last of what it belongs to.
func TestStreamPacketsOutOfOrder(t *testing.T) {
	l := &log{packets: true}
	s := NewStream(event.Server, Options{}, l)
	s.Data(packet(9), []byte("\x82"))
	s.Data(packet(5), []byte("\x02a"))
	s.Data(packet(6), []byte("b"))
	s.End(packet(10))
	want := "+0 @9-9 binary FIN 2 \"\"\n  @9-9 message binary frames=1 tiny=0 length=2/2 \"\" utf8=unknown prefix=\"ab\"\n"
	if l.String() != want {
		t.Error(l)
	}
}

func TestTenThousandFramesInOneSegment(t *testing.T) {
	l := new(counter)
	s := NewStream(event.Client, Options{}, l)
	s.Data(packet(1), bytes.Repeat([]byte("\x81\x82\x01\x02\x03\x04ij"), 10000))
	s.End(packet(2))
	if l.frames != 10000 || l.messages != 10000 {
		t.Errorf("%d frames, %d messages", l.frames, l.messages)
	}
	if got, want := s.Totals(), (Totals{Frames: 10000, Messages: 10000, Payload: 20000, Captured: 80000}); got != want {
		t.Errorf("%+v", got)
	}
}

func TestHugeFrameCostsNothing(t *testing.T) {
	l := new(counter)
	s := NewStream(event.Client, Options{}, l)
	s.Data(packet(1), octets(t, "82 ff 0000000100000000 01020304"))
	piece := make([]byte, 1<<16)
	if n := testing.AllocsPerRun(100, func() { s.Data(packet(2), piece) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	s.Gap(packet(3), 1<<32-102<<16) // AllocsPerRun ran once more to warm up
	s.Data(packet(4), piece)
	s.Data(packet(5), frame(0x89, []byte("abcd"), nil))
	if l.frames != 2 || l.messages != 1 {
		t.Errorf("%d frames, %d messages: %+v", l.frames, l.messages, s.Totals())
	}
}

func TestKeyPatterns(t *testing.T) {
	le := func(n uint32) []byte { return []byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)} }
	be := func(n uint32) []byte { return []byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)} }
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		name string
		key  func(i int) []byte
		want string
	}{
		{"random", func(int) []byte { return be(r.Uint32()) }, ""},
		{"zero", func(int) []byte { return be(0) }, "1:key-zero"},
		{"constant", func(int) []byte { return be(0x01020304) }, "7:key-constant"},
		{"counting", func(i int) []byte { return be(uint32(i) + 0xfffffffc) }, "7:key-counting"},
		{"countingLittle", func(i int) []byte { return le(uint32(i) + 250) }, "7:key-counting"},
		{"countingDown", func(i int) []byte { return be(3 - uint32(i)) }, "7:key-counting"},
		{"constantLate", func(i int) []byte { return be(uint32(min(i, 5)) * 0x9e3779b9) }, "12:key-constant"},
		{"sevenOnly", func(i int) []byte { return be(uint32(i/7+1) * 0x9e3779b9) }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := new(counter)
			s := NewStream(event.Client, Options{}, l)
			for i := range 30 {
				s.Data(packet(i+1), frame(0x89, make([]byte, 4), nil)) // hides nothing, proves nothing
				s.Data(packet(i+1), frame(0x82, c.key(i), []byte{0}))
			}
			var got []string
			for i, odd := range l.odd {
				if odd != 0 {
					got = append(got, fmt.Sprintf("%d:%s", i/2, odd))
				}
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("got %q, want %q", s, c.want)
			}
		})
	}
}

// counter is a Visitor that counts.
type counter struct {
	frames, messages, badTexts, losses int
	octets                             int
	odd                                []Odd
	last                               Message
}

func (c *counter) FrameStart(f *Frame)             { c.frames++; c.odd = append(c.odd, f.Odd) }
func (c *counter) FramePayload(_ *Frame, p []byte) { c.octets += len(p) }
func (c *counter) FrameEnd(*Frame)                 {}
func (c *counter) MessagePayload(_ *Message, p []byte) {
	c.octets += len(p)
}
func (c *counter) MessageUnknown(*Message, uint64)        {}
func (*counter) MessageKept(*Message, int) ([]byte, bool) { return nil, false }
func (c *counter) BadText(*Message, At)                   { c.badTexts++ }
func (c *counter) MessageEnd(m *Message) {
	c.messages++
	c.last = *m
}
func (c *counter) Lost(Loss) { c.losses++ }

// A bomb is counted and checked to its end, in the memory of a window.
func TestBomb(t *testing.T) {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, 9)
	zeros := make([]byte, 1<<20)
	for range 64 {
		w.Write(zeros)
	}
	w.Flush()
	wire := frame(0xc1, []byte("mask"), bytes.TrimSuffix(b.Bytes(), []byte{0, 0, 0xff, 0xff}))
	c := new(counter)
	s := NewStream(event.Client, Options{Extensions: ExtensionsDeflate, Want: WantMessagePayload, MaxMessage: 1000}, c)
	s.Data(packet(1), wire)
	m := c.last
	if m.Length != 64<<20 || m.Withheld != 64<<20-1000 || c.octets != 1000 || m.UTF8 != UTF8Valid || !m.Complete {
		t.Errorf("%d of %d delivered: %+v", c.octets, m.Length, m)
	}
}

func FuzzStream(f *testing.F) {
	for _, s := range samples {
		f.Add(octets(f, s.wire), uint8(s.side), uint8(s.options.Extensions), uint64(0))
	}
	f.Fuzz(func(t *testing.T, wire []byte, side, extensions uint8, seed uint64) {
		s := sample{side: event.Side(side & 1), options: Options{Extensions: Extensions(extensions & 3), RSV: event.RSV2,
			Want: all | WantDigest, MaxMessage: 100}}
		r := rand.New(rand.NewPCG(seed, 0))
		sizes := make([]int, 30)
		for i := range sizes {
			sizes[i] = 1 + r.IntN(9)
		}
		whole := run(&s, wire, &log{}, len(wire)).String()
		s.options.Want = all | WantLateDigest // the same in the end
		if diff := cmp.Diff(whole, run(&s, wire, &log{}, sizes...).String()); diff != "" {
			t.Errorf("in one piece, and in pieces of %v:\n%s", sizes, diff)
		}
	})
}
