// Package law says what holds of every way to analyse captures in parts, for the tests.
package law

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wshake/analyze"
	"wshake/analyze/event"
	"wshake/analyze/report"
	"wshake/capture"
	"wshake/capture/pcapngwriter"
	"wshake/cmd/wshake-beam/internal/part"
	"wshake/reassembly"
	"wshake/reassembly/decode"
)

// The law: the events of a capture in any pieces, analysed in parts in any order, are those of one run over all pieces.

// Recordings are the captures of the project. dir is its root.
func Recordings(t testing.TB, root string) []string {
	t.Helper()
	paths, err := filepath.Glob(root + "/testdata/captures/*.pcap*")
	if err != nil || len(paths) < 100 {
		t.Fatalf("%d recordings, %v", len(paths), err)
	}
	return paths
}

// KeyLogs are those beside a recording.
func KeyLogs(t testing.TB, path string) (logs [][]byte) {
	t.Helper()
	base := strings.TrimSuffix(strings.TrimSuffix(path, ".pcapng"), ".pcap")
	if b, err := os.ReadFile(base + ".keys"); err == nil {
		logs = append(logs, b)
	}
	return logs
}

// Open opens a file.
var Open part.Opener = part.OpenLocal

// Plain is the lines of one run over all files.
func Plain(t testing.TB, paths []string, cfg part.Config) []string {
	t.Helper()
	var secrets [][]byte
	src, err := capture.Open(paths, capture.Options{Secrets: func(s capture.Secrets) { secrets = append(secrets, s.Data) }})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	// Secrets inside are known from the start, as they are to wshake, which looks through files beforehand.
	whole := &part.Whole{Names: src.Names()}
	for _, path := range paths {
		l, err := part.Look(part.File{Path: path}, Open, func(part.Flow, part.Held) {})
		if err != nil {
			t.Fatal(err)
		}
		whole.Secrets = append(whole.Secrets, l.Secrets...)
	}
	a := cfg.Analysis(whole)
	a.Want = cfg.Show
	a.Live.Counted = func() (event.Dropped, bool) {
		d, known := capture.Dropped(src)
		return event.Dropped{Kernel: d.Kernel, Interface: d.Interface}, known
	}
	in := &remarked{Source: src, ids: make(map[uint64]string), decoder: decode.NewDecoder(decode.Config{})}
	var out bytes.Buffer
	j := report.NewJSON(&out, part.Printing(cfg.Show, src.Names()))
	if err := analyze.Run(context.Background(), in, a, j); err != nil {
		t.Fatal(err)
	}
	j.Flush()
	var lines []string
	for line := range strings.Lines(out.String()) {
		lines = append(lines, string(part.Rename([]byte(strings.TrimSuffix(line, "\n")), func(o uint64) string { return in.ids[o] })))
	}
	return Sorted(lines)
}

// remarked marks ordinals, and knows what a connection is named that began with a packet.
type remarked struct {
	capture.Source
	ids     map[uint64]string
	decoder *decode.Decoder
}

func (r *remarked) Read(b *capture.Batch) error {
	if err := r.Source.Read(b); err != nil {
		return err
	}
	for i := range b.Packets {
		p := &b.Packets[i]
		p.Ordinal |= part.Marked
		var s reassembly.Segment
		if o := r.decoder.Decode(p, &s); o == decode.TCP || o == decode.UDP {
			r.ids[p.Ordinal] = part.ConnID(&s)
		}
	}
	return nil
}

// Sorted puts lines in order, without what is of no part of the law.
func Sorted(lines []string) []string {
	for i, line := range lines {
		if !strings.HasPrefix(line, `{"type":"summary"`) {
			continue
		}
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			panic(err)
		}
		delete(m, "elapsed_us")
		b, _ := json.Marshal(m)
		lines[i] = string(b)
	}
	slices.Sort(lines)
	return lines
}

// Cut writes a recording in pieces of so many packets.
func Cut(t testing.TB, path string, packets int) (pieces []string) {
	t.Helper()
	n := 0
	return divide(t, path, func(*capture.Packet) int { n++; return (n - 1) / packets })
}

// Scatter writes the connections of a recording into so many files, as sensors at several places see them.
func Scatter(t testing.TB, path string, files int) []string {
	t.Helper()
	d := decode.NewDecoder(decode.Config{})
	seen := make(map[reassembly.Key]int)
	return divide(t, path, func(p *capture.Packet) int {
		var s reassembly.Segment
		if o := d.Decode(p, &s); o != decode.TCP && o != decode.UDP {
			return 0
		}
		n, known := seen[s.Key]
		if !known {
			n = len(seen) % files
			seen[s.Key] = n
		}
		return n
	})
}

// Deal writes the packets of a recording into so many files in turn, some at a time: each connection is in all of them.
func Deal(t testing.TB, path string, files, some int) []string {
	t.Helper()
	n := -1
	return divide(t, path, func(*capture.Packet) int { n++; return n / some % files })
}

// divide writes the packets of a recording into files.
func divide(t testing.TB, path string, file func(*capture.Packet) int) (pieces []string) {
	t.Helper()
	dir := t.TempDir()
	src, err := capture.Open([]string{path}, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var writers []*pcapngwriter.Writer
	var b capture.Batch
	for {
		err := src.Read(&b)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range b.Packets {
			n := file(&b.Packets[i])
			for n >= len(writers) {
				pieces = append(pieces, filepath.Join(dir, fmt.Sprintf("piece-%05d.pcapng", len(pieces))))
				w, err := pcapngwriter.Create(pieces[len(pieces)-1], pcapngwriter.Rotation{}, nil)
				if err != nil {
					t.Fatal(err)
				}
				writers = append(writers, w)
			}
			if err := writers[n].Write(b.Packets[i:i+1], src.Names()); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, w := range writers {
		w.Close()
	}
	return pieces
}

// Compare fails a test where lines are lost or new.
func Compare(t testing.TB, want, got []string) {
	t.Helper()
	if slices.Equal(want, got) {
		return
	}
	for _, line := range want {
		if !slices.Contains(got, line) {
			t.Errorf("lost: %.1500s", line)
		}
	}
	for _, line := range got {
		if !slices.Contains(want, line) {
			t.Errorf("new:  %.1500s", line)
		}
	}
	if !t.Failed() {
		t.Errorf("%d lines, want %d", len(got), len(want))
	}
}
