package query

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"wshake/analyze"
	"wshake/analyze/event"
	"wshake/analyze/report"
	"wshake/capture"
)

// agreement compares the values that an expression is given with those of the JSON output.
type agreement struct {
	*Receiver
	t       *testing.T
	printed bytes.Buffer
	json    *report.JSON
	met     map[string]int // values that were seen, by name
}

func (a *agreement) compare(f *facts) {
	if err := a.json.Flush(); err != nil {
		a.t.Fatal(err)
	}
	line := a.printed.Bytes()
	var object map[string]any
	if err := json.Unmarshal(line, &object); err != nil {
		a.t.Fatalf("%s: %v", line, err)
	}
	a.printed.Reset()
	for i := range fields {
		name := fields[i].name
		want, has := object[name]
		if object, is := want.(map[string]any); is && name == "tls" { // of a connection: here whether it has it
			want = object != nil
		}
		if !has {
			continue
		}
		got := fields[i].of(f)
		if t, is := got.(time.Time); is {
			got = t.Format("2006-01-02T15:04:05.000000000Z")
		}
		if got != nil {
			a.met[name]++
		}
		if !equal(got, want) {
			a.t.Errorf("%s is %#v for an expression, and %#v in %s", name, got, want, line)
		}
	}
}

// equal compares a value of ours with one of JSON.
func equal(got, want any) bool {
	if got == nil || want == nil {
		return got == nil && want == nil
	}
	g := reflect.ValueOf(got)
	switch w := want.(type) {
	case map[string]any:
		if g.Kind() == reflect.Pointer {
			g = g.Elem()
		}
		for i := range g.NumField() {
			v, name := g.Field(i), g.Type().Field(i).Tag.Get("expr")
			if v.Kind() == reflect.Pointer && v.IsNil() {
				if w[name] != nil {
					return false
				}
			} else if !equal(reflect.Indirect(v).Interface(), w[name]) {
				return false
			}
		}
		return g.NumField() == len(w)
	case []any:
		if g.Kind() != reflect.Slice || g.IsNil() || g.Len() != len(w) {
			return false
		}
		for i := range w {
			if !equal(g.Index(i).Interface(), w[i]) {
				return false
			}
		}
		return true
	case float64:
		return g.CanInt() && float64(g.Int()) == w
	}
	return got == want
}

func (a *agreement) Handshake(e *event.Handshake) {
	a.json.Handshake(e)
	f := a.about(event.KindHandshake, e.Conn, &e.At)
	f.handshake = e
	a.compare(f)
}

func (a *agreement) Frame(e *event.Frame) {
	a.json.Frame(e)
	f := a.about(event.KindFrame, e.Conn, &e.At)
	f.frame = e
	a.compare(f)
}

func (a *agreement) Message(e *event.Message) {
	a.json.Message(e)
	f := a.about(event.KindMessage, e.Conn, &e.At)
	f.message = e
	a.compare(f)
}

func (a *agreement) Connection(e *event.Connection) {
	a.json.Connection(e)
	f := a.about(event.KindConnection, e.Conn, &e.At)
	f.connection = e
	a.compare(f)
}

func (a *agreement) Finding(e *event.Finding) {
	a.json.Finding(e)
	f := a.about(event.KindFinding, e.Conn, &e.At)
	f.finding = e
	a.compare(f)
}

func (a *agreement) Caveat(e *event.Caveat) {
	a.json.Caveat(e)
	f := a.about(event.KindCaveat, e.Conn, &e.At)
	f.caveat = e
	a.compare(f)
}

func (a *agreement) Summary(*event.Summary) {}

// What an expression is given under a name is what the JSON output has under it, unknown values included.
func TestNamesAreThoseOfJSON(t *testing.T) {
	paths, err := filepath.Glob("../../testdata/captures/*.pcapng")
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	met := make(map[string]int)
	for i, path := range paths {
		if testing.Short() && i%8 != 0 {
			continue
		}
		src, err := capture.Open([]string{path}, capture.Options{})
		if err != nil {
			t.Fatal(err)
		}
		a := &agreement{t: t, met: met}
		names := func() []string { return []string{path} }
		q, err := Compile("true")
		if err != nil {
			t.Fatal(err)
		}
		a.Receiver = q.To(event.Ignore{}, names)
		a.json = report.NewJSON(&a.printed, report.Options{Show: event.AllKinds, Names: names})
		var c analyze.Config
		c.Want, c.Payload, c.Words, c.Digest = event.AllKinds, 64<<10, true, true
		if err := analyze.Run(context.Background(), src, c, a); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		src.Close()
	}
	if testing.Short() {
		return
	}
	// What only keys, gaps and several files bring, and what only expressions have.
	rare := []string{"file", "sni", "alpn", "unknown_bytes", "code", "finding"}
	for i := range fields {
		if name := fields[i].name; met[name] == 0 && !slices.Contains(rare, name) {
			t.Errorf("no event of any recording has %s: is it a name of the JSON output?", name)
		}
	}
}
