package ws

import (
	"bytes"
	"testing"
	"wshake/analyze/event"
)

func TestParseHeader(t *testing.T) {
	const mask = " 00110111 11111010 00100001 00111101"
	key := [4]byte{0x37, 0xfa, 0x21, 0x3d}
	for _, c := range []struct {
		name string
		bits string
		want event.Header
	}{
		//              FRRR opcd M length
		{"text", "       1000 0001 0 0000101", event.Header{FIN: true, Opcode: event.OpText, Length: 5, LengthForm: 7, Size: 2}},
		{"textMasked", " 1000 0001 1 0000101" + mask,
			event.Header{FIN: true, Opcode: event.OpText, Length: 5, LengthForm: 7, Size: 6, Masked: true, Key: key}},
		{"fragment", "   0000 0010 0 1111101", event.Header{Opcode: event.OpBinary, Length: 125, LengthForm: 7, Size: 2}},
		{"rsv1", "       1100 0001 0 0000001", event.Header{FIN: true, RSV: event.RSV1, Opcode: event.OpText, Length: 1, LengthForm: 7, Size: 2}},
		{"rsv2", "       1010 0000 0 0000000", event.Header{FIN: true, RSV: event.RSV2, LengthForm: 7, Size: 2}},
		{"rsv3", "       1001 1010 0 0000000", event.Header{FIN: true, RSV: event.RSV3, Opcode: event.OpPong, LengthForm: 7, Size: 2}},
		{"length16", "   1000 0010 0 1111110 00000001 00000000",
			event.Header{FIN: true, Opcode: event.OpBinary, Length: 256, LengthForm: 16, Size: 4}},
		{"length16Padded", "1000 0010 0 1111110 00000000 00000001",
			event.Header{FIN: true, Opcode: event.OpBinary, Length: 1, LengthForm: 16, Size: 4}},
		{"length16Masked", "1000 0010 1 1111110 00000001 00000000" + mask,
			event.Header{FIN: true, Opcode: event.OpBinary, Length: 256, LengthForm: 16, Size: 8, Masked: true, Key: key}},
		{"length64", "   1000 0010 0 1111111 00000000 00000000 00000000 00000000 00000000 00000001 00000000 00000000",
			event.Header{FIN: true, Opcode: event.OpBinary, Length: 65536, LengthForm: 64, Size: 10}},
		{"length64Top", "1000 0010 1 1111111 10000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000" + mask,
			event.Header{FIN: true, Opcode: event.OpBinary, Length: 1 << 63, LengthForm: 64, Size: 14, Masked: true, Key: key}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := ruled(t, c.bits)
			for i := range b {
				if h, n := ParseHeader(b[:i]); n != 0 || h != (event.Header{}) {
					t.Errorf("%d of %d octets: %v, %d; want more", i, len(b), h, n)
				}
			}
			for _, behind := range []string{"", "x", "payload"} {
				if h, n := ParseHeader(append(b[:len(b):len(b)], behind...)); h != c.want || n != len(b) {
					t.Errorf("got %+v, %d; want %+v, %d", h, n, c.want, len(b))
				}
			}
		})
	}
}

// Every octet sequence of 14 is a header, and the header says how long it is.
func FuzzParseHeader(f *testing.F) {
	f.Add([]byte("\x81\x85\x37\xfa\x21\x3d........"))
	f.Add([]byte("\x82\xff\x80.............."))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, n := ParseHeader(b)
		if n == 0 {
			if len(b) >= MaxHeader {
				t.Fatalf("no header in %d octets", len(b))
			}
			return
		}
		if n != int(h.Size) || n > len(b) {
			t.Fatalf("size %d, n %d of %d", h.Size, n, len(b))
		}
		again, m := ParseHeader(b[:n])
		if again != h || m != n {
			t.Fatalf("%v behind which nothing comes is %v", h, again)
		}
		if minimal(&h) {
			var key []byte
			if h.Masked {
				key = h.Key[:]
			}
			if h.Length < 1<<17 {
				if w := frame(b[0], key, make([]byte, h.Length)); !bytes.Equal(w[:n], b[:n]) {
					t.Fatalf("% x written is % x", b[:n], w[:n])
				}
			}
		}
	})
}

func TestOpcodeNames(t *testing.T) {
	for o, want := range map[event.Opcode]string{event.OpContinuation: "continuation", event.OpText: "text", event.OpBinary: "binary", event.OpClose: "close",
		event.OpPing: "ping", event.OpPong: "pong", 3: "reserved-0x3", 0xF: "reserved-0xf"} {
		if o.String() != want {
			t.Errorf("%d is %q, want %q", o, o, want)
		}
		if reserved := len(want) > 8 && want[:8] == "reserved"; o.Reserved() != reserved {
			t.Errorf("%v: reserved %v", o, o.Reserved())
		}
		if control := o >= 8; o.Control() != control {
			t.Errorf("%v: control %v", o, o.Control())
		}
	}
}
