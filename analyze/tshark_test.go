package analyze

import (
	"fmt"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"wshake/analyze/event"
	"wshake/testdata/need"
)

// tshark reads fields of the packets of a capture that a display filter takes: one line a packet, values of a field
// joined by '\x1f', fields by tab.
func tshark(t *testing.T, path, filter string, fields ...string) [][]string {
	t.Helper()
	return tsharkWith(t, nil, path, filter, fields...)
}

// tsharkWith is tshark with more options.
func tsharkWith(t *testing.T, options []string, path, filter string, fields ...string) [][]string {
	t.Helper()
	need.Long(t) // half a second to a second for each capture
	program := need.Program(t, "tshark")
	args := []string{"-n", "-r", path, "-Y", filter, "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=\x1f", "-E", "separator=\t"}
	args = append(args, options...)
	for _, f := range fields {
		args = append(args, "-e", f)
	}
	out, err := exec.Command(program, args...).Output()
	if err != nil && len(out) == 0 {
		t.Fatalf("tshark %s: %v", path, err)
	}
	var rows [][]string
	for _, line := range strings.Split(strings.TrimRight(string(out), "\n"), "\n") {
		if line != "" {
			rows = append(rows, strings.Split(line, "\t"))
		}
	}
	return rows
}

// sharedCaptures lists the captures of others.
func sharedCaptures(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(shared(t), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && (strings.Contains(path, ".pcap")) {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("no captures in the folder of others: %v", err)
	}
	return files
}

// The handshakes of every shared capture are those that tshark shows, field by field.
func TestHandshakesAgainstTshark(t *testing.T) {
	for _, path := range sharedCaptures(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			rows := tshark(t, path, "http.upgrade || http.sec_websocket_key || http.response.code == 101",
				"tcp.stream", "http.request.uri", "http.response.code", "http.sec_websocket_key", "http.sec_websocket_accept",
				"http.sec_websocket_protocol", "http.sec_websocket_extensions")
			requests := map[string][]string{}
			var want []string
			for _, row := range rows {
				if row[2] == "" {
					requests[row[0]] = row
					continue
				}
				q := requests[row[0]]
				want = append(want, strings.Join([]string{q[1], row[2], q[3], row[4], q[5], row[5], q[6], row[6]}, " | "))
			}
			r := analyseFile(t, path)
			var got []string
			for _, h := range r.handshakes {
				if h.Request == nil || h.Response == nil {
					t.Errorf("half a handshake in packet %d", h.At.Number)
					continue
				}
				got = append(got, strings.Join([]string{h.Request.Target, strconv.Itoa(h.Response.Status), h.Key.Value, h.Accept.Value,
					strings.Join(h.ProtocolsOffered.Value, ", "), h.Protocol.Value, strings.Join(h.ExtensionsOffered.Value, ", "),
					strings.Join(h.Extensions.Value, ", ")}, " | "))
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

// The frames of every shared capture are those that tshark shows: direction, opcode, FIN, RSV and length, in order.
// (Of autobahn the truth file says more, and tshark stops at what is broken on purpose.)
func TestFramesAgainstTshark(t *testing.T) {
	for _, path := range sharedCaptures(t) {
		if strings.Contains(path, "autobahn") {
			continue
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			want := map[string][]string{} // by the port that sent
			for _, row := range tshark(t, path, "websocket", "tcp.srcport", "tcp.dstport", "websocket.opcode", "websocket.fin", "websocket.rsv",
				"websocket.payload_length", "websocket.payload_length_ext_16", "websocket.payload_length_ext_64") {
				values := func(i int) []string { return strings.Split(row[i], "\x1f") }
				long := [2][]string{values(6), values(7)}
				for i, op := range values(2) {
					length := values(5)[i]
					if n, _ := strconv.Atoi(length); n >= 126 {
						length, long[n-126] = long[n-126][0], long[n-126][1:]
					}
					fin := values(3)[i]
					fin = strings.NewReplacer("True", "1", "False", "0").Replace(fin)
					rsv, _ := strconv.ParseUint(values(4)[i], 0, 8)
					want[row[0]+">"+row[1]] = append(want[row[0]+">"+row[1]], strings.Join([]string{op, fin, strconv.FormatUint(rsv, 10), length}, " "))
				}
			}
			got := map[string][]string{}
			for _, f := range analyseFile(t, path).frames {
				dir := fmt.Sprintf("%d>%d", f.Conn.Peer[f.From].Port(), f.Conn.Peer[f.From.Other()].Port())
				got[dir] = append(got[dir], asTshark(&f))
			}
			if len(want) == 0 && filepath.Base(path) == "websocket.pcap" && strings.Contains(path, "ndpi") {
				return // tshark does not recognise what it did not see begin
			}
			for dir := range want {
				if !slices.Equal(got[dir], want[dir]) {
					t.Errorf("%s: got %v\nwant %v", dir, got[dir], want[dir])
				}
			}
			for dir := range got {
				if want[dir] == nil {
					t.Errorf("%s: frames that tshark does not show: %v", dir, got[dir])
				}
			}
		})
	}
}

// asTshark is a frame's header as tshark's fields name it.
func asTshark(f *event.Frame) string {
	fin := 0
	if f.Header.FIN {
		fin = 1
	}
	rsv := 0
	for i, bit := range []event.RSV{event.RSV3, event.RSV2, event.RSV1} {
		if f.Header.RSV&bit != 0 {
			rsv |= 1 << i
		}
	}
	return fmt.Sprintf("%d %d %d %d", f.Header.Opcode, fin, rsv, f.Header.Length)
}

// What was compressed reads as tshark reads it.
func TestInflatedTextAgainstTshark(t *testing.T) {
	path := filepath.Join(shared(t), "suricata", "compressed.pcap")
	var want []string
	for _, row := range tshark(t, path, "websocket.payload.text", "websocket.payload.text") {
		want = append(want, strings.Split(row[0], "\x1f")...)
	}
	var got []string
	for _, m := range analyseFile(t, path, func(c *Config) { c.Payload = 1 << 16 }).messages {
		got = append(got, string(m.Payload.Data))
	}
	if len(got) == 0 || !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestWhatSharedCapturesAreKnownFor(t *testing.T) {
	dir := shared(t)
	wrong := analyseFile(t, filepath.Join(dir, "zeek", "wrong-accept-header.pcap")).handshakes
	if len(wrong) != 1 || wrong[0].AcceptValid != event.Some(false) || wrong[0].Verdict != event.Invalid {
		t.Errorf("wrong-accept-header: %+v", wrong)
	}
	docker := analyseFile(t, filepath.Join(dir, "zeek", "docker-http-upgrade.pcap")).handshakes
	if len(docker) != 1 || docker[0].Verdict != event.OtherUpgrade {
		t.Errorf("docker-http-upgrade: %+v", docker)
	}
	for _, path := range glob(t, filepath.Join(dir, "odd", "*")) {
		if r := analyseFile(t, path); len(r.handshakes)+len(r.frames)+len(r.connections) > 0 {
			t.Errorf("%s: a WebSocket was invented", path)
		}
	}
}
