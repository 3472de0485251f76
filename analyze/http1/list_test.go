package http1

import (
	"testing"
	"wshake/analyze/event"

	"github.com/google/go-cmp/cmp"
)

func TestLists(t *testing.T) {
	for _, c := range []struct {
		name     string
		values   []string
		list9110 []string
		elements []string
	}{
		{"none", nil, nil, nil},
		{"one", []string{"a"}, []string{"a"}, []string{"a"}},
		{"severalLines", []string{"a,b", "c"}, []string{"a", "b", "c"}, []string{"a", "b", "c"}},
		{"blanks", []string{"\t a \t,\tb"}, []string{"a", "b"}, []string{"a", "b"}},
		{"innerBlanks", []string{"a b ,c"}, []string{"a b", "c"}, []string{"a b", "c"}},
		{"emptyValue", []string{"", " "}, nil, nil},
		{"emptyMembers", []string{",a,,b, "}, []string{"", "a", "", "b", ""}, []string{"a", "b"}},
		{"quotedComma", []string{`a; b="c,d", e`}, []string{`a; b="c,d"`, "e"}, []string{`a; b="c,d"`, "e"}},
		{"escapedQuote", []string{`a="\",",b`}, []string{`a="\","`, "b"}, []string{`a="\","`, "b"}},
		{"escapeOutsideQuotes", []string{`a\,b`}, []string{`a\`, "b"}, []string{`a\`, "b"}},
		{"openQuote", []string{`a="b,c`, "d"}, []string{`a="b,c`, "d"}, []string{`a="b,c`, "d"}},
		{"escapeAtTheEnd", []string{`"\`}, []string{`"\`}, []string{`"\`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.list9110, List9110(c.values)); diff != "" {
				t.Errorf("List9110: %s", diff)
			}
			if diff := cmp.Diff(c.elements, SplitElements(c.values)); diff != "" {
				t.Errorf("SplitElements: %s", diff)
			}
		})
	}
}

func TestIsToken(t *testing.T) {
	for s, want := range map[string]bool{
		"": false, "websocket": true, "a!#$%&'*+-.^_`|~9Z": true, "a b": false, "a/1": false, `"a"`: false,
		"a:": false, "a,": false, "a\x00": false, "\x7f": false, "é": false,
	} {
		if got := IsToken(s); got != want {
			t.Errorf("IsToken(%q) = %v", s, got)
		}
	}
}

func TestEqualFoldIsASCII(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"Upgrade", "uPGRADE", true}, {"a", "ab", false}, {"[", "{", false}, {"é", "É", false},
		{"Sec-WebSocket-Key", "Sec-WebSocket-\u212aey", false}, {"web\u017focket", "websocket", false},
	} {
		if got := event.EqualFold(c.a, c.b); got != c.want {
			t.Errorf("EqualFold(%q, %q) = %v", c.a, c.b, got)
		}
	}
}
