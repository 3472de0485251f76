package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wshake/analyze/event"
)

func TestPayloadInJSON(t *testing.T) {
	for _, c := range []struct {
		name    string
		payload event.Payload
		want    string
	}{
		{"not kept", event.Payload{Data: []byte("x")}, ``},
		{"empty text", event.Payload{Kept: true, Text: true}, `"text":"","truncated":false`},
		{"text", event.Payload{Kept: true, Text: true, Data: []byte("grüß")}, `"text":"grüß","truncated":false`},
		{"text cut in a character", event.Payload{Kept: true, Text: true, Data: []byte("gr\xc3"), Truncated: true}, `"text":"gr","truncated":true`},
		{"text cut in a long character", event.Payload{Kept: true, Text: true, Data: []byte("a\xf0\x9f\x99"), Truncated: true}, `"text":"a","truncated":true`},
		{"text cut behind a character", event.Payload{Kept: true, Text: true, Data: []byte("grü"), Truncated: true}, `"text":"grü","truncated":true`},
		{"text that ends in a character", event.Payload{Kept: true, Text: true, Data: []byte("gr\xc3")}, `"base64":"Z3LD","truncated":false`},
		{"text that is none", event.Payload{Kept: true, Text: true, Data: []byte("\xff\xfe"), Truncated: true}, `"base64":"//4=","truncated":true`},
		{"only continuations", event.Payload{Kept: true, Text: true, Data: []byte("\x80\x80\x80\x80"), Truncated: true}, `"base64":"gICAgA==","truncated":true`},
		{"binary", event.Payload{Kept: true, Data: []byte("abc")}, `"base64":"YWJj","truncated":false`},
		{"unknown in text", event.Payload{Kept: true, Text: true, Data: []byte("a\x00\x00b\x00grü"),
			Unknown: []event.Range{{Offset: 1, Length: 2}, {Offset: 4, Length: 1}}},
			`"text":"a��b�grü","unknown":[[1,2],[4,1]],"truncated":false`},
		{"unknown at both ends", event.Payload{Kept: true, Text: true, Data: []byte("\x00a\x00"),
			Unknown: []event.Range{{Offset: 0, Length: 1}, {Offset: 2, Length: 1}}, Truncated: true},
			`"text":"�a�","unknown":[[0,1],[2,1]],"truncated":true`},
		{"unknown inside a character", event.Payload{Kept: true, Text: true, Data: []byte("\xc3\x00"), Unknown: []event.Range{{Offset: 1, Length: 1}}},
			`"base64":"wwA=","unknown":[[1,1]],"truncated":false`},
		{"unknown in binary", event.Payload{Kept: true, Data: []byte("a\x00"), Unknown: []event.Range{{Offset: 1, Length: 1}}},
			`"base64":"YQA=","unknown":[[1,1]],"truncated":false`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := string(appendPayload([]byte("{"), &c.payload)[1:]); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestPayloadForPeople(t *testing.T) {
	for _, c := range []struct {
		name    string
		payload event.Payload
		width   int
		layout  prettiness
		want    []string
	}{
		{"lines of text", event.Payload{Kept: true, Text: true, Data: []byte("a\r\n\x1bb")}, 0, asSent, []string{`  a\r`, `  \x1bb`}},
		{"long line", event.Payload{Kept: true, Text: true, Data: []byte(strings.Repeat("a", 45))}, 40, asSent, []string{"  " + strings.Repeat("a", 38), "  " + strings.Repeat("a", 7)}},
		{"octets", event.Payload{Kept: true, Data: []byte("\x00hello, world \xff!")}, 0, asSent, []string{"  00000000  00 68 65 6c 6c 6f 2c 20 77 6f 72 6c 64 20 ff 21  .hello, world .!"}},
		{"octets where it is narrow", event.Payload{Kept: true, Data: []byte("hello"), Truncated: true}, 40, asSent, []string{"  00000000  68 65 6c 6c  hell", "  00000004  6f           o", "  …"}},
		{"JSON", event.Payload{Kept: true, Text: true, Data: []byte(`{"a":[1.50]}`)}, 0, indented, []string{"  {", `    "a": [`, "      1.50", "    ]", "  }"}},
		{"broken JSON", event.Payload{Kept: true, Text: true, Data: []byte(`{"a":`)}, 0, indented, []string{`  {"a":`}},
		{"empty", event.Payload{Kept: true}, 0, asSent, nil},
		{"unknown in text", event.Payload{Kept: true, Text: true, Data: []byte("{\"a\x00\x00:1}\x00"),
			Unknown: []event.Range{{Offset: 3, Length: 2}, {Offset: 8, Length: 1}}}, 0, indented, []string{`  {"a[2 octets unknown]:1}[1 octet unknown]`}},
		{"unknown octets", event.Payload{Kept: true, Data: []byte("hel\x00\x00\x00o!"),
			Unknown: []event.Range{{Offset: 3, Length: 2}, {Offset: 5, Length: 1}}}, 40, asSent, []string{"  00000000  68 65 6c ??  hel?", "  00000004  ?? ?? 6f 21  ??o!"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b bytes.Buffer
			o := newOutput(&b, &Options{Width: c.width})
			o.payload(&c.payload, 2, c.layout)
			if err := o.write(); err != nil {
				t.Fatal(err)
			}
			var want string
			for _, line := range c.want {
				want += line + "\n"
			}
			if diff := cmp.Diff(want, b.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Indenting says nothing else than what was sent, and does not blow up.
func FuzzIndented(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b":"}]"}],"c":"\"["}`))
	f.Add([]byte(strings.Repeat("[", 100) + strings.Repeat("]", 100)))
	f.Add([]byte(`["` + strings.Repeat("}", 50) + `",` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		got := indented.text(text)
		if len(got) > len(text)*(2*deepest+3) {
			t.Fatalf("%d octets become %d", len(text), len(got))
		}
		var a, b bytes.Buffer
		if json.Compact(&a, text) == nil && (json.Compact(&b, got) != nil || !bytes.Equal(a.Bytes(), b.Bytes())) {
			t.Fatalf("%q becomes %q", text, got)
		}
	})
}
