package report

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"wshake/analyze/event"
)

// encoding/json is the oracle: it reads what was written as it reads what it writes itself.
func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "plain", "\"\\\b\f\n\r\t\x00\x1f\x7f", "\u0085\u2028\u202e\U000e0041", "\xff\xc3(",
		"<a href='&'>", "🙂", "a\u0301\u0301\u0301\u0301\xff\u0301\u2028\u0301",
		"a\u0301\u0301\u0301\u0301\x7f\u0301\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		line := appendString(nil, s)
		oracle, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var got, want string
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if err := json.Unmarshal(oracle, &want); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Fatalf("%s reads as %q, want %q", line, got, want)
		}
		if !utf8.Valid(line) || strings.ContainsFunc(string(line), hidden) {
			t.Fatalf("%q has hidden characters", line)
		}
		if reflected, err := MarshalJSON(s); err != nil || string(reflected) != string(line) {
			t.Fatalf("MarshalJSON gives %s and not %s", reflected, line)
		}
		if string(appendString(nil, []byte(s))) != string(line) {
			t.Fatalf("octets and string of %q differ", s)
		}
	})
}

// A pile of marks is escaped from the fifth on; letters between begin another.
func TestMarksInJSON(t *testing.T) {
	for in, want := range map[string]string{
		"a" + strings.Repeat("\u0301", 5): `"a` + strings.Repeat("\u0301", 4) + `\u0301"`,
		strings.Repeat("a\u0301", 50):     `"` + strings.Repeat("a\u0301", 50) + `"`,
		"\u00a0\u3164\u2800\ufe0f\u200b":  `"\u00a0\u3164\u2800\ufe0f\u200b"`,
	} {
		if got := string(appendString(nil, in)); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

// What clocks that jumped make of a duration is none.
func TestDurationsThatCannotBe(t *testing.T) {
	for ns, want := range map[int64]string{0: "0", 1999: "1", 3600e9: "3600000000", -1: "null", -1 << 63: "null", 1<<63 - 1: "null", 56 * 365 * 86400e9: "null"} {
		if got := string(appendDuration([]byte("{"), "d", ns)); got != `{"d":`+want {
			t.Errorf("%d: got %s, want %s", ns, got, want)
		}
		if got := span(ns); (got == "unknown") != (want == "null") {
			t.Errorf("%d is shown as %s", ns, got)
		}
	}
}

// What the file does not hold is null.
func TestNoTime(t *testing.T) {
	if got := string(new(timestamps).append([]byte("{"), "t", event.NoTime)); got != `{"t":null` {
		t.Error(got)
	}
	if got := clock(event.NoTime); got != "--:--:--.---" {
		t.Error(got)
	}
}

func TestTimestamps(t *testing.T) {
	var stamps timestamps
	for _, ns := range []int64{0, 1, 999999999, 1000000000, 999999999, -1, epoch, epoch + 1, 1714557600123456789, 1<<63 - 1, -1 << 63, -1<<63 + 1, -1<<62 + 1, 1 << 62} {
		want := `{"t":"` + time.Unix(0, ns).UTC().Format("2006-01-02T15:04:05.000000000Z") + `"`
		if got := string(stamps.append([]byte("{"), "t", ns)); got != want {
			t.Errorf("%d: got %s, want %s", ns, got, want)
		}
		if got, want := clock(ns), time.Unix(0, ns).UTC().Format("15:04:05.000"); got != want {
			t.Errorf("%d: clock shows %s, want %s", ns, got, want)
		}
	}
}
