package http1

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseExtensions(t *testing.T) {
	const offer = "permessage-deflate; client_max_window_bits"
	bare := Extension{"permessage-deflate", []Param{{Name: "client_max_window_bits"}}, offer}
	for _, c := range []struct {
		name   string
		values []string
		want   []Extension
		fault  string
	}{
		{name: "none"},
		{name: "browser", values: []string{offer}, want: []Extension{bare}},
		{name: "severalLines", values: []string{offer, "x"}, want: []Extension{bare, {Name: "x", Text: "x"}}},
		{name: "value", values: []string{"a;b=10"}, want: []Extension{{"a", []Param{{Name: "b", Value: "10", HasValue: true}}, "a;b=10"}}},
		{name: "blanksEverywhere", values: []string{" a ;\tb = 10 ,, c "}, want: []Extension{
			{"a", []Param{{Name: "b", Value: "10", HasValue: true}}, "a ;\tb = 10"}, {Name: "c", Text: "c"}}},
		{name: "quotedToken", values: []string{`a; b="1\0"; c`}, want: []Extension{
			{"a", []Param{{Name: "b", Value: "10", HasValue: true, Quoted: true}, {Name: "c"}}, `a; b="1\0"; c`}}},
		{name: "repeatedParam", values: []string{"a; b; b=1"}, want: []Extension{
			{"a", []Param{{Name: "b"}, {Name: "b", Value: "1", HasValue: true}}, "a; b; b=1"}}},

		{name: "emptyValue", values: []string{""}, fault: `field line 1, offset 0: no extension is named (RFC 6455 §9.1)`},
		{name: "onlyCommas", values: []string{", ,"}, fault: `field line 1, offset 0: no extension is named (RFC 6455 §9.1)`},
		{name: "noName", values: []string{offer, " ;b"}, want: []Extension{bare}, fault: `field line 2, offset 1: ";b" where an extension name should be (RFC 6455 §9.1)`},
		{name: "badName", values: []string{"a/b"}, fault: `field line 1, offset 1: "/b" where a semicolon or comma should be (RFC 6455 §9.1)`},
		{name: "blankSeparated", values: []string{"a b"}, fault: `field line 1, offset 2: "b" where a semicolon or comma should be (RFC 6455 §9.1)`},
		{name: "emptyParam", values: []string{"x, a;;b"}, want: []Extension{{Name: "x", Text: "x"}}, fault: `field line 1, offset 5: ";b" where a parameter name should be (RFC 6455 §9.1)`},
		{name: "semicolonAtTheEnd", values: []string{"a; "}, fault: `field line 1, offset 2: a parameter name is missing at the end of "a;" (RFC 6455 §9.1)`},
		{name: "noValue", values: []string{"a;b="}, fault: `field line 1, offset 4: a parameter value is missing at the end of "a;b=" (RFC 6455 §9.1)`},
		{name: "badValue", values: []string{"a;b=(1)"}, fault: `field line 1, offset 4: "(1)" where a parameter value should be (RFC 6455 §9.1)`},
		{name: "twoValues", values: []string{"a;b=1=2"}, fault: `field line 1, offset 5: "=2" where a semicolon or comma should be (RFC 6455 §9.1)`},
		{name: "quotedEmpty", values: []string{`a;b=""`}, fault: `field line 1, offset 4: quoted value "" is not a token (RFC 6455 §9.1)`},
		{name: "quotedComma", values: []string{`a;b="1,2"`}, fault: `field line 1, offset 4: quoted value "1,2" is not a token (RFC 6455 §9.1)`},
		{name: "quotedOpen", values: []string{`a;b="1, c`}, fault: `field line 1, offset 4: quoted value is not closed (RFC 6455 §9.1)`},
		{name: "quotedEscapeAtTheEnd", values: []string{`a;b="1\`}, fault: `field line 1, offset 4: quoted value is not closed (RFC 6455 §9.1)`},
		{name: "quotedThenMore", values: []string{`a;b="1"2`}, fault: `field line 1, offset 7: "2" where a semicolon or comma should be (RFC 6455 §9.1)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := ParseExtensions(c.values)
			fault := ""
			if err != nil {
				fault = err.Error()
			}
			if fault != c.fault {
				t.Errorf("error %s\n want %s", fault, c.fault)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("extensions (-want +got):\n%s", diff)
			}
		})
	}
}

// What is parsed, written in the plainest form, parses to the same; and each Text is the element that was split off.
func FuzzExtensions(f *testing.F) {
	for _, seed := range []string{
		"permessage-deflate; client_max_window_bits", `a;b="1\0";c=d , ,e`, "a;;b", `a="`, "\n,;=\"\\", "x\na;b=1,\t",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, lines string) {
		values := strings.Split(lines, "\n")
		extensions, err := ParseExtensions(values)
		if err != nil {
			e := err.(*ExtensionError)
			if e.Line >= len(values) || e.Offset > len(values[e.Line]) {
				t.Fatalf("the error is outside of %q: %v", values, e)
			}
			return
		}
		var texts []string
		var plain strings.Builder
		for _, e := range extensions {
			texts = append(texts, e.Text)
			plain.WriteString("," + e.Name)
			for _, p := range e.Params {
				plain.WriteString(";" + p.Name)
				if p.HasValue {
					plain.WriteString("=" + p.Value)
				}
			}
		}
		if diff := cmp.Diff(SplitElements(values), texts); diff != "" {
			t.Fatalf("elements and Text differ: %s", diff)
		}
		again, err := ParseExtensions([]string{plain.String()})
		if err != nil {
			t.Fatalf("%q became %q: %v", values, plain.String(), err)
		}
		for i := range again {
			again[i].Text = extensions[i].Text
			for j := range again[i].Params {
				again[i].Params[j].Quoted = extensions[i].Params[j].Quoted
			}
		}
		if diff := cmp.Diff(extensions, again); diff != "" {
			t.Fatalf("%q became %q: %s", values, plain.String(), diff)
		}
	})
}
