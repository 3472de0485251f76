package html

import (
	"testing"

	"wshake/analyze/event"
)

func TestKnown(t *testing.T) {
	unknown := []event.Range{{Offset: 1, Length: 2}, {Offset: 4, Length: 3}}
	for _, c := range []struct {
		name      string
		payload   event.Payload
		want      string
		truncated bool
	}{
		{"all", event.Payload{Data: []byte("abc")}, "abc", false},
		{"text", event.Payload{Text: true, Data: []byte("a\x00\x00b\x00\x00\x00c"), Unknown: unknown}, "a[2 octets unknown]b[3 octets unknown]c", false},
		{"octets", event.Payload{Data: []byte("a\x00\x00b\x00\x00\x00c"), Unknown: unknown}, "a", true},
	} {
		if got := known(&c.payload); string(got.Data) != c.want || got.Truncated != c.truncated {
			t.Errorf("%s: %q, truncated: %v", c.name, got.Data, got.Truncated)
		}
	}
}
