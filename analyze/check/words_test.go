package check

import (
	"strings"
	"testing"
	"wshake/analyze/event"
)

func TestWords(t *testing.T) {
	for got, want := range map[string]string{
		octets(0):                     "0 octets",
		octets(1):                     "1 octet",
		octets(uint64(2)):             "2 octets",
		verb(1, "end"):                "ends",
		verb(2, "end"):                "end",
		and(nil):                      "",
		and([]string{"a"}):            "a",
		and([]string{"a", "b"}):       "a and b",
		and([]string{"a", "b", "c"}):  "a, b and c",
		rsv(event.RSV1 | event.RSV3):  "RSV1 and RSV3",
		span(1_500_000_000):           "1.500 s",
		span(2_000_000):               "2.0 ms",
		span(1_000):                   "1 µs",
		show([]byte("a\r\n")):         `"a\r\n"`,
		show([]byte{0x15, 0x03}):      "15 03",
		escape("a\"b\x00"):            `a"b\x00`,
		withArticle("HTTP response"):  "an HTTP response",
		withArticle("TLS record"):     "a TLS record",
		withArticle("JSON text"):      "JSON text",
		withArticle("end of a chunk"): "the end of a chunk",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if long := quote(strings.Repeat("x", 1000)); len(long) > 250 || !strings.HasSuffix(long, "(1000 octets)") {
		t.Errorf("a long value is quoted as %s", long)
	}
}
