package ws

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"unicode/utf8"
)

func TestUnmask(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	src := make([]byte, 200)
	for i := range src {
		src[i] = byte(r.Uint32())
	}
	key := [4]byte{1, 20, 77, 255}
	for from := range 9 {
		for n := range 150 {
			for pos := range uint64(5) {
				want := make([]byte, n)
				for i := range want {
					want[i] = src[from+i] ^ key[(pos+uint64(i))%4]
				}
				got := make([]byte, n+8)
				unmask(got, src[from:from+n], key, pos)
				if !bytes.Equal(got[:n], want) || !bytes.Equal(got[n:], make([]byte, 8)) {
					t.Fatalf("from %d, %d octets at %d", from, n, pos)
				}
				same := bytes.Clone(src[from : from+n])
				unmask(same, same, key, pos)
				if !bytes.Equal(same, want) {
					t.Fatalf("in place, from %d, %d octets at %d", from, n, pos)
				}
			}
		}
	}
}

// firstBad is the offset of the first octet of p that no valid text continues with, by trying all that may follow; -1
// where there is none.
func firstBad(p []byte) int {
	for n := 1; n <= len(p); n++ {
		if !extends(p[:n]) {
			return n - 1
		}
	}
	return -1
}

// extends reports whether p is the beginning of a valid text.
func extends(p []byte) bool {
	for len(p) > 0 {
		r, n := utf8.DecodeRune(p)
		if r == utf8.RuneError && n == 1 {
			return !utf8.FullRune(p)
		}
		p = p[n:]
	}
	return true
}

func checkUTF8(t *testing.T, p []byte, cut int) {
	t.Helper()
	var v validator
	bad := v.write(p[:cut])
	if bad < 0 {
		if bad = v.write(p[cut:]); bad >= 0 {
			bad += cut
		}
	}
	if want := firstBad(p); bad != want {
		t.Fatalf("% x cut at %d: bad at %d, want %d", p, cut, bad, want)
	}
	if valid := bad < 0 && v.whole(); valid != utf8.Valid(p) {
		t.Fatalf("% x cut at %d: valid %v, want %v", p, cut, valid, !valid)
	}
}

// All sequences of two octets, and of three and four with every octet that stands at a border of the rules, cut
// everywhere.
func TestUTF8Exhaustive(t *testing.T) {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	edges := []byte("\x00\x7f\x80\x8f\x90\x9f\xa0\xbf\xc0\xc1\xc2\xdf\xe0\xe1\xec\xed\xee\xef\xf0\xf1\xf3\xf4\xf5\xff")
	four := []byte("a\xc3\xe0\xf0\xf1\xf3\xf4\xf5")
	for _, choice := range [][][]byte{{}, {every}, {every, every}, {every, edges, edges}, {four, edges, edges, edges}} {
		p := make([]byte, len(choice))
		var try func(i int)
		try = func(i int) {
			if i == len(p) {
				for cut := range len(p) + 1 {
					checkUTF8(t, p, cut)
				}
				return
			}
			for _, c := range choice[i] {
				p[i] = c
				try(i + 1)
			}
		}
		try(0)
	}
}

// Behind unknown octets no text is called bad that some octets in their place would make good.
func TestUTF8BehindUnknown(t *testing.T) {
	octets := []byte("a\x80\x8f\x90\x9f\xa0\xbf\xc2\xe0\xe1\xed\xf0\xf1\xf4\xff")
	each := func(p []byte, f func()) {
		var try func(i int)
		try = func(i int) {
			if i == len(p) {
				f()
				return
			}
			for _, p[i] = range octets {
				try(i + 1)
			}
		}
		try(0)
	}
	flagged := 0
	for hidden := 1; hidden <= 3; hidden++ {
		good := map[string]bool{} // what may stand behind the hidden octets
		whole := make([]byte, hidden+3)
		each(whole[:hidden], func() {
			if firstBad(whole[:hidden]) >= 0 {
				return
			}
			each(whole[hidden:], func() {
				for n := 1; n <= 3 && extends(whole[:hidden+n]); n++ {
					good[string(whole[hidden:hidden+n])] = true
				}
			})
		})
		behind := make([]byte, 3)
		each(behind, func() {
			var v validator
			v.write([]byte("\xe2\x82"))
			v.skip()
			v.write(behind[:1])
			v.skip()
			bad := v.write(behind[:1])
			if bad < 0 {
				if bad = v.write(behind[1:]); bad >= 0 {
					bad++
				}
			}
			if bad >= 0 {
				if flagged++; good[string(behind[:bad+1])] {
					t.Errorf("% x behind %d unknown octets: bad at %d", behind, hidden, bad)
				}
			}
		})
	}
	if flagged == 0 {
		t.Error("nothing was found to be bad")
	}
	var v validator
	v.skip()
	if bad := v.write([]byte("\x80\x80\x80\x80")); bad != 3 {
		t.Errorf("four continuation octets: bad at %d", bad)
	}
}

func FuzzUTF8(f *testing.F) {
	f.Add([]byte("Hello, κόσμε, 😀 and eight more octets"), 9)
	f.Add([]byte("\xed\xa0\x80"), 1)
	f.Add([]byte("\xf4\x90\x80\x80"), 2)
	f.Fuzz(func(t *testing.T, p []byte, cut int) {
		checkUTF8(t, p, min(max(0, cut), len(p)))
	})
}
