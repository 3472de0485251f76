//go:build linux && !race

package browsertest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// imported is a request as Chromium's developer tools have it from an archive.
type imported struct {
	URL            string
	Status         int
	Kind, Remote   string
	Sent, Received int
	Text           string  // of all frames, by lines
	First          float64 // time of the first frame, seconds
}

// String is without the origin of the URL, which events have in other places.
func (r imported) String() string {
	path := r.URL
	if _, rest, absolute := strings.Cut(path, "://"); absolute {
		_, path, _ = strings.Cut(rest, "/")
	}
	return fmt.Sprintf("%s %s /%s: %d, %d messages sent, %d received, the first at %.3f\n%s", r.Kind, r.Remote,
		strings.TrimPrefix(path, "/"), r.Status, r.Sent, r.Received, r.First, r.Text)
}

// sorted gives the requests in an order of their own, since developer tools go by the time of the request and events by
// that of the answer.
func sorted(all []imported) (texts []string) {
	for _, r := range all {
		texts = append(texts, r.String())
	}
	slices.Sort(texts)
	return texts
}

// Chromium's developer tools import the archives of recordings: as many requests as there were handshakes, each with its
// status and its server, and behind it the messages that were sent and received. The Network panel shows them.
func TestDevToolsImport(t *testing.T) {
	browser := ready(t)
	bin, dir := wshake(t), t.TempDir()
	var archives []string
	for _, name := range []string{"many-peers.pcapng.gz", "nginx-default.pcapng", "refused-401.pcapng", "graphql-ws.pcapng",
		"node-ws-mixed.pcapng", "mosquitto-mqtt.pcapng", "tls-nginx.pcapng", "h2-chromium.pcapng", "h2-nghttpx.pcapng",
		"h3-chromium.pcapng"} {
		capture := filepath.Join(root, "testdata", "captures", name)
		stem, _, _ := strings.Cut(name, ".")
		har := filepath.Join(dir, stem+".har")
		archives = append(archives, har)
		args := []string{"--har", har, "--output-file", har + ".ndjson", "-o", "json", "--show", "handshakes,messages",
			"--payload", "1048576", capture}
		if keys := strings.TrimSuffix(capture, ".pcapng") + ".keys"; exists(keys) {
			args = append(args, "--keylog", keys)
		}
		if out, err := exec.Command(bin, args...).CombinedOutput(); err != nil {
			t.Fatalf("wshake %v: %v\n%s", args, err, out)
		}
	}
	panel := filepath.Join(dir, "nginx-default.har")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", append([]string{"devtools.cjs", browser, panel}, archives...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("devtools.cjs: %v\n%s", err, out)
	}
	results := 0
	for line := range bytes.Lines(out) {
		var result struct {
			File     string
			Requests []imported
			Rows     []string // of the table that the Network panel shows
		}
		if err := json.Unmarshal(line, &result); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		results++
		name, all := filepath.Base(result.File), told(t, result.File+".ndjson")
		if result.Rows != nil {
			if len(result.Rows) != len(all) {
				t.Errorf("the panel shows %q, want %d rows", result.Rows, len(all))
			}
			for _, row := range result.Rows {
				if !strings.HasPrefix(row, "chat\t426\twebsocket\t") {
					t.Errorf("the panel shows %q", row)
				}
			}
			continue
		}
		got, want := sorted(result.Requests), sorted(all)
		if len(got) != len(want) || len(want) == 0 {
			t.Errorf("%s: %d requests, want %d", name, len(got), len(want))
			continue
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%s: developer tools have\n%.2000s\nand there was\n%.2000s", name, got[i], want[i])
			}
		}
	}
	if results != len(archives)+1 {
		t.Errorf("%d results, want %d:\n%s", results, len(archives)+1, out)
	}
}

// told is what the events of a capture say of the same.
func told(t *testing.T, path string) (all []imported) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows := make(map[string]int)
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var e struct {
			Type, URI, Server, From, Opcode string
			Conn                            uint64
			Stream                          *uint64
			Status                          int
			Time                            time.Time
			Base64, Text                    *string
		}
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatalf("%v: %s", err, lines.Text())
		}
		conn := fmt.Sprint(e.Conn)
		if e.Stream != nil {
			conn += fmt.Sprint("/", *e.Stream)
		}
		row, known := rows[conn]
		switch {
		case e.Type == "handshake", e.Type == "message" && !known:
			row = len(all)
			rows[conn] = row
			all = append(all, imported{URL: e.URI, Status: e.Status, Kind: "websocket", Remote: e.Server})
		}
		if e.Type != "message" {
			continue
		}
		r := &all[row]
		if r.Sent+r.Received > 0 {
			r.Text += "\n"
		} else {
			r.First = float64(e.Time.UnixNano()) / 1e9
		}
		if e.From == "client" {
			r.Sent++
		} else {
			r.Received++
		}
		switch {
		case e.Text != nil:
			r.Text += *e.Text
		case e.Base64 != nil:
			r.Text += *e.Base64
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
