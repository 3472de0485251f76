package report

import (
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestSanitise(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "GET /chat", "GET /chat"},
		{"letters of the world", "grüß 世界 🙂", "grüß 世界 🙂"},
		{"line ends", "a\r\nb", `a\r\nb`},
		{"tab", "a\tb", `a\tb`},
		{"escape sequence", "\x1b]0;evil\a", `\x1b]0;evil\a`},
		{"delete", "a\x7f", `a\x7f`},
		{"C1 control", "a\u009bb", `a\u009bb`},
		{"lone octets", "a\xff\xc3", `a\xff\xc3`},
		{"text turned round", "user\u202egnp.exe", `user\u202egnp.exe`},
		{"isolates", "\u2066a\u2069", `\u2066a\u2069`},
		{"zero width", "pay\u200bpal\u200d\ufeff", `pay\u200bpal\u200d\ufeff`},
		{"line separator", "a\u2028b", `a\u2028b`},
		{"tag characters", "a\U000e0041", `a\U000e0041`},
		{"mark on a letter", "e\u0301", "e\u0301"},
		{"as many marks as a letter of Hebrew has", "\u05e9\u05c1\u05bc\u05b8\u0591", "\u05e9\u05c1\u05bc\u05b8\u0591"},
		{"a pile of marks", "a" + strings.Repeat("\u0301", 6) + "b\u0301", "a\u0301\u0301\u0301\u0301" + `\u0301\u0301` + "b\u0301"},
		{"piles on nothing", " " + strings.Repeat("\u0301", 3) + "\n\u0301", ` \u0301\u0301\u0301\n\u0301`},
		{"variation selectors", "\u2764\ufe0f\U000e0101\u180b", "\u2764" + `\ufe0f\U000e0101\u180b`},
		{"blank look-alikes", "a\u3164\u2800\u00a0\u115f\u1160\uffa0\u034f\u17b4\u3000\u2003\u1680\u202f", `a\u3164\u2800\u00a0\u115f\u1160\uffa0\u034f\u17b4\u3000\u2003\u1680\u202f`},
		{"Hangul", "\ud55c\uae00", "\ud55c\uae00"},
		{"Devanagari and Thai", "\u0915\u094d\u0937 \u0e19\u0e49\u0e33", "\u0915\u094d\u0937 \u0e19\u0e49\u0e33"},
		{"mark on nothing", "\u0301a \ufe0f", `\u0301a \ufe0f`},
		{"backslash", `a\nb`, `a\nb`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Sanitise(c.in); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func FuzzSanitise(f *testing.F) {
	for _, s := range []string{"plain", "\x1b[31m\r\n", "\u202e\u2066", "\xff\xfe", "e\u0301 \u0301", "👨\u200d👩\u200d👧", "\u0085\u2028", `a\x1b"b`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Sanitise(s)
		if !utf8.ValidString(got) {
			t.Fatalf("%q is not UTF-8", got)
		}
		marks := 0
		for _, r := range got {
			if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Variation_Selector) || unicode.IsSpace(r) && r != ' ' {
				t.Fatalf("%q has %U", got, r)
			}
			if marks++; !unicode.IsMark(r) {
				marks = 0
			}
			if marks > marksOnLetter {
				t.Fatalf("%q has a pile of marks", got)
			}
		}
		if again := Sanitise(got); again != got {
			t.Fatalf("%q becomes %q the second time", got, again)
		}
		// The escapes are those of Go, so where the text has no backslash of its own, Go reads it back.
		if !strings.ContainsAny(s, `\"`) {
			if back, err := strconv.Unquote(`"` + got + `"`); err != nil || back != s {
				t.Fatalf("%q reads back as %q, %v", s, back, err)
			}
		}
		if n := columns(fit(got, 9)); n > 9 {
			t.Fatalf("%q cut to 9 columns takes %d", got, n)
		}
		for _, line := range Fold(got, 5, 9) {
			if n := columns(line); n > 9 {
				t.Fatalf("line %q of 9 columns takes %d", line, n)
			}
		}
		if joined := strings.Join(chunks(got, 9), ""); joined != got {
			t.Fatalf("%q in pieces is %q", got, joined)
		}
	})
}

// Of all characters none passes that a terminal does not show, or shows as a blank.
func TestNothingUnseenPasses(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		unseen := !unicode.IsPrint(r) || unicode.In(r, unicode.Other_Default_Ignorable_Code_Point,
			unicode.Variation_Selector, unicode.Bidi_Control)
		if s := "a" + string(r) + "b"; unseen && utf8.ValidRune(r) && Sanitise(s) == s {
			t.Errorf("%U passes", r)
		}
	}
}
