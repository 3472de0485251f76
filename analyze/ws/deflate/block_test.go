package deflate

import (
	"strings"
	"testing"
)

func TestDynamicHeader(t *testing.T) {
	zeros := func(b *blocks, code, n, times uint) *blocks { return b.code(code, n).bits(times-11, 7) }
	// Code length codes: 18 is 0 and 0 is 10 and 1 is 11; or 0 is 0 and 18 is 1.
	three := []uint{0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}
	two := []uint{0, 0, 1, 1}
	for name, tt := range map[string]struct {
		sent *blocks
		want string // end of the error, or text
	}{
		"two codes of one bit": {zeros(zeros(to().dynamic(257, 1, three...), 0, 1, 65).code(3, 2), 0, 1, 138), ""},
		"literalsTooMany":      {to().dynamic(287, 1, two...), "octet 0: too many literal and length codes"},
		"distancesTooMany":     {to().dynamic(257, 31, two...), "octet 0: too many distance codes"},
		"orderOversubscribed":  {to().dynamic(257, 1, 1, 1, 1, 0), "octet 3: code length code is not a prefix code"},
		"orderIncomplete":      {to().dynamic(257, 1, 2, 2, 2, 0), "octet 3: code length code is not a prefix code"},
		"orderUnassigned":      {to().dynamic(257, 1, 0, 0, 0, 1).code(1, 1), "octet 3: unassigned code length code"},
		"repeatOfNothing":      {to().dynamic(257, 1, 1, 1, 0, 0).code(0, 1).bits(0, 2), "octet 3: repeat of a code length before the first"},
		"repeatTooLong":        {zeros(zeros(to().dynamic(257, 1, two...), 1, 1, 138), 1, 1, 138), "octet 4: repeat of a code length past the last"},
		"endMissing":           {zeros(zeros(to().dynamic(257, 1, two...), 1, 1, 138), 1, 1, 120), "octet 5: no code for the end of the block"},
		"literalsOversubscribed": {zeros(zeros(to().dynamic(257, 1, three...).code(3, 2).code(3, 2), 0, 1, 138), 0, 1, 116).
			code(3, 2).code(2, 2), "literal or distance code is not a prefix code"},
	} {
		t.Run(name, func(t *testing.T) {
			b := tt.sent
			if tt.want == "" { // A and the end of the block have a code of one bit, and there are no distances
				zeros(b, 0, 1, 52).code(3, 2).code(2, 2)
				b.code(0, 1).code(0, 1).code(1, 1)
			}
			message := b.flush()
			for _, cuts := range [][]int{nil, everywhere(message)} {
				got := inflate(New(Config{}), message, cuts...)
				if !strings.HasSuffix(got.Error, tt.want) || got.Error == "" != (tt.want == "") {
					t.Errorf("error %q, want %q", got.Error, tt.want)
				}
				if tt.want == "" && got.Text != "AA" {
					t.Errorf("text %q", got.Text)
				}
			}
		})
	}
}

// A code of ones alone lets 00 00 ff ff end the block one bit too soon. What it inflates to on the way is not the
// sender's.
func TestTailEndsBlock(t *testing.T) {
	order := make([]uint, 19)
	for i, symbol := range lengthOrder {
		if symbol == 18 || symbol >= 1 && symbol <= 15 {
			order[i] = 4 // so that the code of n is n-1, and that of 18 is 15
		}
	}
	b := to().dynamic(257, 1, order...).code(15, 4).bits(65-11, 7)
	for n := range uint(15) {
		b.code(n, 4) // lengths 1 to 15 for the letters from A
	}
	b.code(15, 4).bits(138-11, 7).code(15, 4).bits(38-11, 7).code(14, 4).code(0, 4)
	want := strings.Repeat("A", int(b.free)) + "BAAAAAA"
	got := inflate(New(Config{}), b.align().code(0b10, 2).align().out)
	if got.Text != want || !strings.HasSuffix(got.Error, "message ends inside a block") {
		t.Errorf("%+v", got)
	}
}

// 00 00 ff ff may inflate to more than the window has room for, which must not push any of it out.
func TestTailOverflows(t *testing.T) {
	for room := 300; room < 2400; room += 50 {
		filled := strings.Repeat("x", windowSizes[2]-room)
		b := to().stored(filled[:30000]).stored(filled[30000:])
		// Length 258 has code 0, the end of the block 10, length 3 has 11, and distance 1 has 0. Code lengths 0, 1, 2 have
		// codes 00, 01, 10, and zeros repeated have 11.
		b.dynamic(286, 1, 0, 0, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 2)
		b.code(3, 2).bits(138-11, 7).code(3, 2).bits(118-11, 7).code(2, 2).code(2, 2).code(3, 2).bits(27-11, 7).code(1, 2).code(1, 2)
		want := len(filled) + int(b.free)/2*maxMatch
		if got := inflate(New(Config{}), b.align().out); len(got.Text) != want || !strings.HasSuffix(got.Error, "message ends inside a block") {
			t.Errorf("%d octets, want %d; %s", len(got.Text), want, got.Error)
		}
	}
}
