package analyze

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"wshake/analyze/event"
	"wshake/capture"
	"wshake/testdata/need"
)

// recorder keeps the events of a run.
type recorder struct {
	handshakes  []event.Handshake
	frames      []event.Frame
	messages    []event.Message
	connections []event.Connection
	findings    []*event.Finding
	caveats     []event.Caveat
	summary     event.Summary
}

func (r *recorder) Handshake(h *event.Handshake)   { r.handshakes = append(r.handshakes, *h) }
func (r *recorder) Frame(f *event.Frame)           { r.frames = append(r.frames, *f) }
func (r *recorder) Connection(c *event.Connection) { r.connections = append(r.connections, *c) }
func (r *recorder) Finding(f *event.Finding)       { r.findings = append(r.findings, f) }
func (r *recorder) Caveat(c *event.Caveat)         { r.caveats = append(r.caveats, *c) }
func (r *recorder) Summary(s *event.Summary)       { r.summary = *s }
func (r *recorder) Message(m *event.Message) {
	kept := *m
	kept.Payload.Data = bytes.Clone(m.Payload.Data)
	r.messages = append(r.messages, kept)
}

// names lists the findings by name, in order.
func (r *recorder) names() []string {
	var names []string
	for _, f := range r.findings {
		names = append(names, f.Name)
	}
	return names
}

// analyseFile runs a capture with everything wanted.
func analyseFile(t testing.TB, path string, change ...func(*Config)) *recorder {
	t.Helper()
	src, err := capture.Open([]string{path}, capture.Options{Problem: func(p *capture.Problem) { t.Logf("%v", p) }})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	return analyseSource(t, src, change...)
}

func analyseBytes(t testing.TB, pcap []byte, change ...func(*Config)) *recorder {
	t.Helper()
	src, err := capture.Open([]string{"-"}, capture.Options{Stdin: bytes.NewReader(pcap)})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	return analyseSource(t, src, change...)
}

func analyseSource(t testing.TB, src capture.Source, change ...func(*Config)) *recorder {
	t.Helper()
	cfg := Config{Want: event.AllKinds, Digest: true, Workers: 1}
	for _, f := range change {
		f(&cfg)
	}
	r := new(recorder)
	if err := Run(context.Background(), src, cfg, r); err != nil {
		t.Fatal(err)
	}
	return r
}

// shared gives the folder of captures recorded by others, which is not part of the project.
func shared(t testing.TB) string {
	t.Helper()
	dir := filepath.Join("..", "..", "shared", "captures")
	if _, err := os.Stat(dir); err != nil {
		need.Lacking(t, "the captures recorded by others are not here: "+dir)
	}
	return dir
}

// glob lists the files of a pattern, of which there must be some: a test of no file would pass.
func glob(t testing.TB, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no files like %s: %v", pattern, err)
	}
	return files
}
