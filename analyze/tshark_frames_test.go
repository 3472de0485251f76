package analyze

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wshake/analyze/event"
	"wshake/testdata/need"
)

// newTshark is a tshark that shows WebSocket frames on streams of HTTP/2 and HTTP/3: 4.6 or newer. Few systems have one
// so far; .ci/tshark gets one.
func newTshark(t *testing.T) string {
	t.Helper()
	need.Long(t)
	program := need.Program(t, "tshark")
	out, err := exec.Command(program, "--version").Output()
	if err != nil {
		t.Fatalf("%s: %v", program, err)
	}
	var major, minor int
	line, _, _ := strings.Cut(string(out), "\n")
	if _, text, ok := strings.Cut(line, ") "); !ok || !scanVersion(text, &major, &minor) {
		t.Fatalf("%s: no version in %q", program, line)
	}
	if major < 4 || major == 4 && minor < 6 {
		need.Lacking(t, fmt.Sprintf("tshark %d.%d does not show WebSocket frames on streams: .ci/tshark gets one that does", major, minor))
	}
	return program
}

func scanVersion(text string, major, minor *int) bool {
	n, _ := fmt.Sscanf(text, "%d.%d", major, minor)
	return n == 2
}

// treeFrame is a WebSocket frame as tshark shows it: its ports, its stream where it is on one of HTTP/2, and its header
// as in asTshark.
type treeFrame struct {
	packet                   uint64
	from, to, stream, header string
}

// treeFrames reads the WebSocket frames from tshark's tree of a capture: only there stands which stream a frame is on.
func treeFrames(t *testing.T, program, path string, options []string) (frames []treeFrame) {
	t.Helper()
	args := append([]string{"-n", "-2", "-r", path, "-T", "pdml", "-Y", "websocket"}, options...)
	out, err := exec.Command(program, args...).Output()
	if err != nil && len(out) == 0 {
		t.Fatalf("tshark %s: %v", path, err)
	}
	var f treeFrame
	var opcode, fin, rsv, length string
	told := true
	tell := func() {
		if !told {
			f.header = opcode + " " + fin + " " + rsv + " " + length
			frames = append(frames, f)
			told = true
		}
	}
	for d := xml.NewDecoder(bytes.NewReader(out)); ; {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("tshark %s: %v", path, err)
		}
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		var name, show string
		for _, a := range e.Attr {
			switch a.Name.Local {
			case "name":
				name = a.Value
			case "show":
				show = a.Value
			}
		}
		if e.Name.Local == "packet" || e.Name.Local == "proto" && name == "websocket" {
			tell()
		}
		switch name {
		case "frame.number":
			f = treeFrame{packet: number(t, show)}
		case "tcp.srcport", "udp.srcport":
			f.from = show
		case "tcp.dstport", "udp.dstport":
			f.to = show
		case "http2.streamid":
			tell()
			f.stream = show
		case "websocket.fin":
			fin, rsv, length, told = strings.NewReplacer("True", "1", "False", "0").Replace(show), "0", "", false
		case "websocket.rsv":
			var n int
			fmt.Sscanf(show, "%v", &n)
			rsv = fmt.Sprint(n)
		case "websocket.opcode":
			opcode = show
		case "websocket.payload_length", "websocket.payload_length_ext_16", "websocket.payload_length_ext_64":
			length = show
		}
	}
	tell()
	return frames
}

// The frames on streams of HTTP/2 are those that tshark shows on them: opcode, FIN, RSV and length, in order.
func TestStreamFramesAgainstTshark(t *testing.T) {
	program := newTshark(t)
	for _, path := range glob(t, filepath.Join("..", "testdata", "captures", "h2*.pcapng")) {
		name := strings.TrimSuffix(filepath.Base(path), ".pcapng")
		t.Run(name, func(t *testing.T) {
			want := map[string][]string{}
			for _, f := range treeFrames(t, program, path, streamOptions(path)) {
				if f.stream != "" { // else it is one of HTTP/1.1
					key := fmt.Sprintf("%s>%s %s", f.from, f.to, f.stream)
					want[key] = append(want[key], f.header)
				}
			}
			r := analyseFile(t, path, withKeys(t, name))
			got := map[string][]string{}
			cut := map[string]bool{} // tshark reads each DATA frame behind a frame that several carry as frames anew
			for _, f := range r.frames {
				key := fmt.Sprintf("%d>%d %d", f.Conn.Peer[f.From].Port(), f.Conn.Peer[f.From.Other()].Port(), f.Conn.Stream.Value)
				if cut[key] || !f.Conn.Stream.Known {
					continue
				}
				got[key] = append(got[key], asTshark(&f))
				if cut[key] = f.Header.Length > 16<<10; cut[key] {
					want[key] = want[key][:min(len(got[key]), len(want[key]))]
				}
			}
			// tshark takes the body of a refusal for frames.
			for _, h := range r.handshakes {
				if h.Conn.Stream.Known && h.Verdict != event.Established {
					delete(want, fmt.Sprintf("%d>%d %d", h.Conn.Peer[event.Server].Port(), h.Conn.Peer[event.Client].Port(), h.Conn.Stream.Value))
				}
			}
			n := 0
			for _, key := range slices.Sorted(maps.Keys(got)) {
				n += len(got[key])
				if !slices.Equal(got[key], want[key]) {
					t.Errorf("%s: got %v\nwant %v", key, got[key], want[key])
				}
			}
			for _, key := range slices.Sorted(maps.Keys(want)) {
				if got[key] == nil {
					t.Errorf("%s: tshark shows %v", key, want[key])
				}
			}
			t.Logf("%d frames on %d directions of streams are as tshark reads them", n, len(got))
		})
	}
}

// The heads and frames on streams of HTTP/3 are those that tshark shows in the same packet. It shows none in datagrams that the
// sender's kernel cut (UDP GSO), and shows again what was sent again.
func TestQUICFramesAgainstTshark(t *testing.T) {
	program := newTshark(t)
	for _, path := range glob(t, filepath.Join("..", "testdata", "captures", "h3*.pcapng")) {
		name := strings.TrimSuffix(filepath.Base(path), ".pcapng")
		t.Run(name, func(t *testing.T) {
			sent := func(packet uint64, header string) string { return fmt.Sprintf("packet %d: %s", packet, header) }
			r := analyseFile(t, path, withKeys(t, name))
			size := map[uint64]int{}
			for _, row := range tsharkWith(t, nil, path, "udp", "frame.number", "frame.len") {
				size[number(t, row[0])] = int(number(t, row[1]))
			}
			fields := map[uint64][]string{}
			for _, row := range tsharkWith(t, streamOptions(path), path, "http3.headers.header", "frame.number", "http3.header.header.name", "http3.headers.header.value") {
				packet := number(t, row[0])
				values := strings.Split(row[2], "\x1f")
				for i, name := range strings.Split(row[1], "\x1f") {
					fields[packet] = append(fields[packet], name+": "+values[i])
				}
			}
			heads := 0
			r.handshakes = slices.DeleteFunc(r.handshakes, func(h event.Handshake) bool { return !h.Conn.UDP })
			r.frames = slices.DeleteFunc(r.frames, func(f event.Frame) bool { return !f.Conn.UDP })
			for i := range r.handshakes {
				for _, head := range []*event.Head{r.handshakes[i].Request, r.handshakes[i].Response} {
					var list []string
					if head != nil {
						for _, f := range head.Fields {
							list = append(list, f.Name+": "+f.Value)
						}
					}
					if head != nil && !contains(fields[head.Last.Number], list) && name != "h3-resumed" {
						t.Errorf("packet %d: %q is not in tshark's %q", head.Last.Number, list, fields[head.Last.Number])
					}
					heads++
				}
			}
			own := map[string]int{}
			said := map[string]bool{} // in any packet
			due := 0
			for _, f := range r.frames {
				header := asTshark(&f)
				said[f.From.String()+header] = true
				own[sent(f.At.Number, f.From.String()+header)]++
				if f.First.Number == f.At.Number && size[f.At.Number] <= 1500 {
					due++
				}
			}
			refused := slices.ContainsFunc(r.handshakes, func(h event.Handshake) bool { return h.Verdict != event.Established })
			found := 0
			for _, f := range treeFrames(t, program, path, streamOptions(path)) {
				from := event.Client
				if f.from == "8443" {
					from = event.Server
				}
				switch key := sent(f.packet, from.String()+f.header); {
				case size[f.packet] == 0: // not QUIC
				case own[key] > 0:
					own[key]--
					found++
				case refused && len(r.frames) == 0: // the body of a refusal
				case !said[from.String()+f.header]:
					t.Errorf("tshark shows %s of the %s in packet %d", f.header, from, f.packet)
				}
			}
			t.Logf("%d heads and %d of %d frames are as tshark reads them; it should read %d", heads, found, len(r.frames), due)
			if found < due && name != "h3-resumed" { // no secret of 0-RTT is in its key log
				for key, n := range own {
					if n > 0 {
						t.Log(key)
					}
				}
				t.Errorf("tshark shows %d frames, of ours %d are whole in a datagram that it reads", found, due)
			}
		})
	}
}

// streamOptions tell tshark what a recording over HTTP/2 or HTTP/3 has on its ports.
func streamOptions(path string) []string {
	name := strings.TrimSuffix(filepath.Base(path), ".pcapng")
	switch keys := strings.TrimSuffix(path, ".pcapng") + ".keys"; {
	case exists(keys):
		return []string{"-d", "tcp.port==8080,tls", "-o", "tls.keylog_file:" + keys}
	case name == "h2c-upgrade": // begins as HTTP/1.1, which tshark follows by itself
		return nil
	}
	return []string{"-d", "tcp.port==8080,http2"}
}
