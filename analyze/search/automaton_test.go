package search

import (
	"bytes"
	"regexp"
	"slices"
	"testing"
)

// expressions are of all kinds that the automaton treats on its own.
var expressions = []string{
	"[A-Z]{4}[0-9]{4}", "b+", "a.c", "(?i)k[s-t]", `"[^"]+"`, "^b", "c$", `\bfoo\b`, `\Boo`, "(foo|fo)o", "a+?b", "é+", "[^a]é", "x*", `\Ab`, "(?s)a.*b",
	"(a|b)*a(a|b){12}", "[é-ü]{2}a", `\d+-\d+`, "(?i)ſ", "a{2,3}?", "(^|x)b",
	"(?i)foob", "abba|zebra|q.x", `\bdad|(?:odd)+|dab`, "(?i)dusk|dad", "(?i)duſk", "^d.d",
}

// With and without an automaton the same is found.
func FuzzAutomaton(f *testing.F) {
	for i := range expressions {
		f.Add(uint8(i), []byte("ab abc ABCD1234 k\u212as foo fooo xfoo \"a\"\"\n\"\nb cb\nc éé aé xé ü\xffü\xe9a 12-34-56 aaaab bbaabbaabbaab"))
		f.Add(uint8(i), []byte("a dad dadab oddodd FOOB du\u017fk DUSk du\u017f\u212a duSK zebra "+
			"dqxabba"+string(bytes.Repeat([]byte("d"), 300))+"odd dad"))
		f.Add(uint8(i), []byte("\nb\n\nbb\xc3\xa9\xc3a foo_ foo,foo\nfoo"))
	}
	f.Fuzz(func(t *testing.T, which uint8, text []byte) {
		expression := expressions[int(which)%len(expressions)]
		p, err := New(expression, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var want, got [][2]int
		for _, m := range regexp.MustCompile("(?m)"+expression).FindAllIndex(text, -1) {
			if m[1] > m[0] {
				want = append(want, [2]int(m))
			}
		}
		p.each(text, func(begin, end int) bool {
			got = append(got, [2]int{begin, end})
			return true
		})
		if !slices.Equal(got, want) {
			t.Errorf("%s in %q is at %v, want %v", expression, text, got, want)
		}
	})
}

func TestAutomata(t *testing.T) {
	for expression, want := range map[string]bool{"[A-Z]{4}[0-9]{4}": true, "x*": false, `\Ab`: false, "^b": true, "[^a]é": true, "(a|b)*a(a|b){20}": false} {
		p, err := New(expression, Options{})
		if err != nil || (p.may != nil) != want {
			t.Errorf("%s has an automaton: %v; %v", expression, p.may != nil, err)
		}
	}
}
