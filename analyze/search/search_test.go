package search

import (
	"bytes"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"wshake/analyze/event"
)

func offsets(t *testing.T, p *Pattern, pieces ...[]byte) (list []uint64) {
	t.Helper()
	budget := &Budget{Left: 1 << 20}
	s := Stream{Pattern: p, Budget: budget}
	for i, piece := range pieces {
		s.Write(&event.At{Ordinal: uint64(i + 1), Number: uint64(i + 1)}, piece)
	}
	matches, more, whole := s.Finish()
	if !whole || budget.Left != 1<<20 {
		t.Errorf("whole %v, %d octets of the budget are left", whole, budget.Left)
	}
	for _, m := range matches {
		list = append(list, m.Offset)
	}
	if more > 0 {
		list = append(list, 1<<60+more)
	}
	return list
}

func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		expr string
		o    Options
		text string
		want []uint64
	}{
		{"b+", Options{}, "abbab", []uint64{1, 4}},
		{"a.c", Options{Fixed: true}, "abca.c", []uint64{3}},
		{"A.C", Options{Fixed: true, IgnoreCase: true}, "abca.c", []uint64{3}},
		{"ABC", Options{IgnoreCase: true}, "xabcAbC", []uint64{1, 4}},
		{"^b", Options{}, "b b\nb", []uint64{0, 4}},
		{"x*", Options{}, "axa", []uint64{1}},
		{"(foo|bar)baz", Options{}, "foobaz barbaz baz", []uint64{0, 7}},
		{`"user":"[^"]+"`, Options{}, `{"user":"me"}`, []uint64{1}},
	} {
		p, err := New(c.expr, c.o)
		if err != nil {
			t.Fatal(err)
		}
		if got := offsets(t, p, []byte(c.text)); !slices.Equal(got, c.want) {
			t.Errorf("%s in %q is at %v, want %v", c.expr, c.text, got, c.want)
		}
	}
	for _, bad := range []string{"", "(", "a**"} {
		if _, err := New(bad, Options{}); err == nil {
			t.Errorf("%q is a pattern", bad)
		}
	}
	if p, err := Hex("16 03:01"); err != nil || !slices.Equal(offsets(t, p, []byte("x\x16\x03\x01")), []uint64{1}) {
		t.Error(err)
	}
	for _, bad := range []string{"", "1", "xy"} {
		if _, err := Hex(bad); err == nil {
			t.Errorf("%q are octets", bad)
		}
	}
}

// What is found does not depend on how the message comes, and is what a search of the whole finds.
func TestPiecesDoNotMatter(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	text := bytes.Repeat([]byte("the quick brown fox\n"), 10_000)
	needle := []byte("needle-in-the-hay")
	var want []uint64
	for _, at := range []int{0, 5000, Block - 3, 2*Block - Context, 2*Block + Overlap - 5, len(text) - len(needle)} {
		copy(text[at:], needle)
		want = append(want, uint64(at))
	}
	for _, expr := range []string{"needle-in-the-hay", "n[e]+dle-.n-the-h.y", "^needle|needle-in"} {
		p, err := New(expr, Options{})
		if err != nil {
			t.Fatal(err)
		}
		want := want
		if expr[0] == '^' {
			want = nil
			for _, m := range regexp.MustCompile("(?m)"+expr).FindAllIndex(text, -1) {
				want = append(want, uint64(m[0]))
			}
		}
		for range 4 {
			var pieces [][]byte
			for rest := text; len(rest) > 0; {
				n := min(len(rest), 1+r.IntN(1+r.IntN(100_000)))
				pieces, rest = append(pieces, rest[:n]), rest[n:]
			}
			if got := offsets(t, p, pieces...); !slices.Equal(got, want) {
				t.Fatalf("%s is at %v, want %v", expr, got, want)
			}
		}
	}
}

func TestPacketAndContext(t *testing.T) {
	p, _ := New("cdef", Options{})
	s := Stream{Pattern: p, Budget: &Budget{Left: 1000}}
	for i, piece := range []string{"ab", "cd", "ef", "gh"} {
		s.Write(&event.At{Ordinal: uint64(10 + i), Number: uint64(10 + i)}, []byte(piece))
	}
	matches, _, _ := s.Finish()
	if len(matches) != 1 || matches[0].At.Number != 12 || string(matches[0].Before) != "ab" || string(matches[0].Text) != "cdef" || string(matches[0].After) != "gh" {
		t.Errorf("%+v", matches)
	}
}

func TestUnknownOctets(t *testing.T) {
	p, _ := New("abc", Options{})
	s := Stream{Pattern: p, Budget: &Budget{Left: 1000}}
	at := &event.At{Ordinal: 1}
	s.Write(at, []byte("abc ab"))
	s.Unknown(5)
	s.Write(at, []byte("c abc"))
	matches, _, _ := s.Finish()
	if len(matches) != 2 || matches[0].Offset != 0 || matches[1].Offset != 13 {
		t.Errorf("%+v", matches)
	}
}

func TestLimits(t *testing.T) {
	p, _ := New("a", Options{Fixed: true})
	if got := offsets(t, p, bytes.Repeat([]byte("a"), 150)); len(got) != Kept+1 || got[Kept] != 1<<60+50 {
		t.Errorf("%d, %v", len(got), got[len(got)-1])
	}
	budget := &Budget{Left: 1000}
	s := Stream{Pattern: p, Budget: budget}
	s.Write(&event.At{Ordinal: 1}, []byte(strings.Repeat("x", 900)+"a"))
	s.Write(&event.At{Ordinal: 2}, bytes.Repeat([]byte("a"), 900))
	if matches, _, whole := s.Finish(); whole || len(matches) != 1 || budget.Left != 1000 {
		t.Errorf("%d matches, whole %v, %d left", len(matches), whole, budget.Left)
	}
}

// A literal is found where bytes.Index finds it, whatever of it is rare in the text.
func FuzzLiteral(f *testing.F) {
	for _, c := range [][2]string{{"needle", "need needle"}, {"aab", strings.Repeat("a", 200) + "b"},
		{"zzzy", strings.Repeat("z", 300) + "zzzy"},
		{"z", "abcz"}, {"az", "z az"}, {"za", strings.Repeat("z", 300)}} {
		f.Add([]byte(c[0]), []byte(c[1]))
	}
	f.Fuzz(func(t *testing.T, octets, text []byte) {
		if len(octets) == 0 {
			return
		}
		if got, want := newLiteral(octets).index(text), bytes.Index(text, octets); got != want {
			t.Errorf("%q in %q is at %d, want %d", octets, text, got, want)
		}
	})
}

func BenchmarkStream(b *testing.B) {
	text := bytes.Repeat([]byte(`{"type":"quote","symbol":"ABC","price":12.5},`), 1<<20/45)
	for _, c := range []struct{ name, expr string }{{"text", "needle"}, {"expression", "need(le|y) [0-9]+"}, {"classes", "[A-Z]{4}[0-9]{4}"}} {
		b.Run(c.name, func(b *testing.B) {
			p, _ := New(c.expr, Options{Fixed: c.name == "text"})
			s := Stream{Pattern: p, Budget: &Budget{Left: 1 << 20}}
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				for i := 0; i < len(text); i += 4096 {
					s.Write(&event.At{Ordinal: uint64(i)}, text[i:min(i+4096, len(text))])
				}
				s.Finish()
			}
		})
	}
}
