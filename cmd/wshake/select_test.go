package main

import (
	"compress/gzip"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wshake/testdata/need"
)

// selected are the events in one output, by kind: each its connection and packet.
type selected map[string][]string

func (s selected) add(kind string, conn, packet any) {
	s[kind] = append(s[kind], fmt.Sprintf("%v packet %v", conn, packet))
}

// object reads JSON, numbers as they are written.
func object(t *testing.T, text string) (o map[string]any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&o); err != nil {
		t.Fatalf("%v: %.200s", err, text)
	}
	return o
}

// within follows names into an object.
func within(o any, names ...string) any {
	for _, name := range names {
		o, _ = o.(map[string]any)[name]
	}
	return o
}

// connOf is the connection of a line of ours, with its stream.
func connOf(conn, stream any) string {
	if stream == nil || stream == "" {
		return fmt.Sprint(conn)
	}
	return fmt.Sprintf("%v/%v", conn, stream)
}

// selections reads what each of the files in dir has, and the lines of the main one.
func selections(t *testing.T, dir string) (map[string]selected, []string) {
	t.Helper()
	got := make(map[string]selected)
	read := func(name string) string { return readFile(t, filepath.Join(dir, name)) }
	lines := func(name string, take func(s selected, o map[string]any)) (all []string) {
		s := make(selected)
		for line := range strings.Lines(read(name)) {
			take(s, object(t, line))
			all = append(all, line)
		}
		got[name] = s
		return all
	}
	all := lines("all.ndjson", func(s selected, o map[string]any) {
		s.add(o["type"].(string), connOf(o["conn"], o["stream"]), o["packet"])
	})
	lines("eve.json", func(s selected, o map[string]any) {
		kind := map[string]string{"http": "handshake", "websocket": "message",
			"anomaly": "finding"}[o["event_type"].(string)]
		s.add(kind, within(o, "wshake", "conn"), o["pcap_cnt"])
	})
	lines("ecs.json", func(s selected, o map[string]any) {
		kind := within(o, "event", "action").(string)
		if o["rule"] != nil {
			kind = "finding"
		}
		s.add(kind, within(o, "wshake", "conn"), within(o, "wshake", "packet"))
	})
	for file, kind := range map[string]string{"handshakes.csv": "handshake", "messages.csv": "message",
		"findings.csv": "finding", "messages.tsv": "message", "connections.tsv": "connection",
		"websocket.log": "handshake"} {
		s, text := make(selected), read(file)
		r := csv.NewReader(strings.NewReader(text))
		if !strings.HasSuffix(file, ".csv") {
			r.Comma, r.LazyQuotes = '\t', true
		}
		r.FieldsPerRecord = -1
		rows, err := r.ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		var names []string
		for _, row := range rows {
			switch {
			case row[0] == "#fields":
				names = row[1:]
			case strings.HasPrefix(row[0], "#"):
			case names == nil:
				names = row
			default:
				cell := func(name string) string {
					if i := slices.Index(names, name); i >= 0 {
						return row[i]
					}
					return ""
				}
				s.add(kind, connOf(cell("conn"), cell("stream")), cell("packet"))
			}
		}
		got[file] = s
	}
	log := selected{}
	for _, r := range within(object(t, read("findings.sarif"))["runs"].([]any)[0], "results").([]any) {
		log.add("finding", within(r, "properties", "conn"), within(r, "properties", "packet"))
	}
	archive := selected{}
	for _, e := range within(object(t, read("archive.har")), "log", "entries").([]any) {
		conn := within(e, "_wshake", "conn")
		if within(e, "_wshake", "verdict") != nil {
			packet := within(e, "_wshake", "response_packet")
			if packet == nil {
				packet = within(e, "_wshake", "request_packet")
			}
			archive.add("handshake", conn, packet)
		}
		for _, m := range within(e, "_webSocketMessages").([]any) {
			archive.add("message", conn, within(m, "_packet"))
		}
	}
	extracted := selected{}
	for _, m := range object(t, read("messages/manifest.json"))["messages"].([]any) {
		extracted.add("message", within(m, "conn"), within(m, "packet"))
	}
	got["findings.sarif"], got["archive.har"], got["manifest.json"] = log, archive, extracted
	got["page.html"] = pageEvents(t, read("page.html"))
	return got, all
}

// pageEvents reads the model of a page.
func pageEvents(t *testing.T, page string) selected {
	t.Helper()
	_, rest, _ := strings.Cut(page, `id="model">`)
	text, _, _ := strings.Cut(rest, "<")
	z, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(strings.TrimSpace(text))))
	if err != nil {
		t.Fatal(err)
	}
	type numbered struct {
		N, Packet uint64
		Stream    *uint64
	}
	var m struct {
		Connections, Handshakes, Findings []numbered
		Items                             struct {
			C, P, Fr []int
		}
	}
	if err := json.NewDecoder(z).Decode(&m); err != nil {
		t.Fatal(err)
	}
	conn := func(n numbered) string {
		if n.Stream == nil {
			return fmt.Sprint(n.N)
		}
		return fmt.Sprintf("%d/%d", n.N, *n.Stream)
	}
	s, packet := make(selected), 0
	for _, h := range m.Handshakes {
		s.add("handshake", conn(h), h.Packet)
	}
	for i := range m.Items.P {
		if packet += m.Items.P[i]; m.Items.Fr[i] > 0 {
			s.add("message", conn(m.Connections[m.Items.C[i]]), packet)
		}
	}
	return s
}

var streams = regexp.MustCompile("/[0-9]+ ")

// What an expression takes is the same in every output, and is a part of what there is without it.
func TestSelectionAgrees(t *testing.T) {
	recordings := []string{"h2c-streams"}
	expressions := []string{"true", `text contains "e" || level == "error"`}
	if !need.Brief() {
		recordings = append(recordings, "close-codes", "graphql-ws", "nginx-default", "refused-401", "chromium-deflate")
		expressions = append(expressions, `conn == 1 && stream == 3`, `sha256 > "8"`, `verdict == "established"`,
			`from == "server" && length > 3`, `not (status == 101)`, `finding startsWith "close-"`, "false")
	}
	for _, name := range recordings {
		var whole []string
		for _, expression := range expressions {
			dir := t.TempDir()
			args := append(allFiles(dir), "--where", expression, "--extract", filepath.Join(dir, "messages"),
				"--html", filepath.Join(dir, "page.html"), recording(name))
			if status, _, errs := wshake(args...); status != exitDone || errs != "" {
				t.Fatalf("%s, %s: status %d, %s", name, expression, status, errs)
			}
			got, lines := selections(t, dir)
			if expression == "true" {
				whole = lines
			}
			for _, line := range lines {
				if !slices.Contains(whole, line) {
					t.Errorf("%s, %s: not there without it: %s", name, expression, line)
				}
			}
			want := got["all.ndjson"]
			for file, s := range got {
				for kind, events := range s {
					if kind == "connection" {
						continue // not in the main one
					}
					there := slices.Clone(want[kind])
					if file == "websocket.log" { // a stream shows in its uid only
						for i := range there {
							there[i] = streams.ReplaceAllString(there[i], " ")
						}
					}
					slices.Sort(events)
					slices.Sort(there)
					if diff := cmp.Diff(there, events); diff != "" {
						t.Errorf("%s, %s: %ss in %s:\n%s", name, expression, kind, file, diff)
					}
				}
			}
			// An output without any event of a kind was not compared above.
			for kind, files := range map[string]string{
				"handshake": "eve.json ecs.json handshakes.csv websocket.log archive.har page.html",
				"message":   "eve.json ecs.json messages.csv messages.tsv archive.har manifest.json page.html",
				"finding":   "eve.json ecs.json findings.csv findings.sarif",
			} {
				for file := range strings.FieldsSeq(files) {
					if len(got[file][kind]) != len(want[kind]) {
						t.Errorf("%s, %s: %d %ss in %s, want %d", name, expression, len(got[file][kind]), kind, file,
							len(want[kind]))
					}
				}
			}
		}
	}
}
