package report_test

import (
	"strings"
	"testing"

	"wshake/analyze/report/schematest"
)

// validCaveat fits the schema.
const validCaveat = `{"type":"caveat","time":"2024-05-01T10:00:00.050000000Z",` +
	`"conn":1,"community_id":"1:a","client":"a:1","server":"b:2","packet":9,` +
	`"stream":null,"name":"gap","text":"t","bytes":12}`

func TestSchematest(t *testing.T) {
	for _, c := range []struct {
		name, old, new, want string // want "" is valid
	}{
		{"as printed", "", "", ""},
		{"null allowed", `"bytes":12`, `"bytes":null`, ""},
		{"optional member", `"packet"`, `"file":"a.pcap","packet"`, ""},
		{"not JSON", `"conn":1`, `"conn":`, "invalid character"},
		{"two values", `}`, `}{}`, "after top-level value"},
		{"unknown type", `"caveat"`, `"rumour"`, "'oneOf' failed, none matched"},
		{"unknown member", `"name"`, `"extra":1,"name"`, "additional properties 'extra' not allowed"},
		{"member missing", `"text":"t",`, ``, "missing property 'text'"},
		{"null not allowed", `"text":"t"`, `"text":null`, "want string"},
		{"number for text", `"text":"t"`, `"text":5`, "want string"},
		{"fraction", `"packet":9`, `"packet":9.5`, "want integer"},
		{"negative", `"packet":9`, `"packet":-9`, "got -9, want 0"},
		{"time without decimals", `.050000000Z`, `Z`, "does not match pattern"},
		{"not UTF-8", `"t"`, "\"\xff\"", "not UTF-8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := validCaveat
			if c.old != "" {
				text = strings.Replace(validCaveat, c.old, c.new, 1)
			}
			err := schematest.Validate([]byte(text))
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
