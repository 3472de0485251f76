package report

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wshake/analyze/event"
	"wshake/analyze/redact"
)

var update = flag.Bool("update", false, "write the golden files")

// writer is any of the outputs.
type writer interface {
	event.Receiver
	Pause() error
	Flush() error
	Err() error
}

const overviewKinds = event.AllKinds &^ (event.KindFrame | event.KindMessage)

var names = []string{"demo.pcap"}

func files() []string { return names }

var outputs = []struct {
	name string
	make func(io.Writer) writer
}{
	{"all.ndjson", func(w io.Writer) writer { return NewJSON(w, Options{Show: event.AllKinds}) }},
	{"redacted.ndjson", func(w io.Writer) writer {
		return NewJSON(w, Options{Show: event.KindHandshake | event.KindFinding, ManyFiles: true, Names: files})
	}},
	{"overview.txt", func(w io.Writer) writer { return NewText(w, Options{Show: overviewKinds}) }},
	{"overview-80.txt", func(w io.Writer) writer { return NewText(w, Options{Show: overviewKinds, Width: 80}) }},
	{"overview-120-color.txt", func(w io.Writer) writer { return NewText(w, Options{Show: overviewKinds, Width: 120, Color: true}) }},
	{"overview-40-files.txt", func(w io.Writer) writer {
		return NewText(w, Options{Show: overviewKinds, Width: 40, ManyFiles: true, Names: files})
	}},
	{"connections.txt", func(w io.Writer) writer { return NewText(w, Options{Show: event.KindConnection, Width: 100}) }},
	{"log.txt", func(w io.Writer) writer {
		return NewText(w, Options{Show: event.AllKinds, ManyFiles: true, Names: files})
	}},
	{"log-80.txt", func(w io.Writer) writer { return NewText(w, Options{Show: event.AllKinds, Width: 80}) }},
	{"follow.txt", func(w io.Writer) writer { return NewFollow(w, []Target{{Conn: 1}}, Options{Pretty: true}) }},
	{"follow-60.txt", func(w io.Writer) writer { return NewFollow(w, []Target{{Conn: 1}}, Options{Width: 60}) }},
	{"follow-nobody.txt", func(w io.Writer) writer { return NewFollow(w, []Target{{Conn: 7}}, Options{}) }},
}

func TestGolden(t *testing.T) {
	for _, o := range outputs {
		t.Run(o.name, func(t *testing.T) {
			got := printedOf(t, o.make, o.name)
			if again := printedOf(t, o.make, o.name); !bytes.Equal(got, again) {
				t.Errorf("the second run differs: %s", cmp.Diff(string(got), string(again)))
			}
			path := filepath.Join("testdata", o.name)
			if *update {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("differs from %s (-update rewrites it):\n%s", path, diff)
			}
		})
	}
}

// redactedOutputs are those that are given events without secrets.
var redactedOutputs = []string{"redacted.ndjson", "log-80.txt", "follow-60.txt"}

func printedOf(t *testing.T, make func(io.Writer) writer, name string) []byte {
	t.Helper()
	if !slices.Contains(redactedOutputs, name) {
		return printed(t, make)
	}
	return printedRedacted(t, make, redact.Heads)
}

func printedRedacted(t *testing.T, make func(io.Writer) writer, scope redact.Scope) []byte {
	t.Helper()
	var b bytes.Buffer
	w := make(&b)
	tell(redact.To(w, scope))
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// printed is what an output makes of the conversations.
func printed(t *testing.T, make func(io.Writer) writer) []byte {
	t.Helper()
	var b bytes.Buffer
	w := make(&b)
	tell(w)
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
