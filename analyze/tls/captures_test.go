package tls

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"wshake/analyze/event"
	"wshake/analyze/tls/keylog"
	"wshake/capture"
	"wshake/reassembly"
	"wshake/reassembly/decode"
	"wshake/testdata/need"
)

// conversation is one connection of a capture.
type conversation struct {
	*recorder
	calls   dialogue // what it was made of, behind the head of a CONNECT
	ordinal uint64   // of its first packet
	client  string   // address and port
}

// tunnel is a reassembly.Sink that takes HTTP heads off both directions, if the opener begins with a CONNECT.
type tunnel struct {
	*conversation
	conn *Conn
	head [2][]byte
	past [2]bool
}

func (s *tunnel) Data(dir reassembly.Dir, at At, p []byte) {
	if !s.past[dir] {
		s.head[dir] = append(s.head[dir], p...)
		p = s.head[dir]
		if bytes.HasPrefix(s.head[0], []byte("CONNECT ")) {
			end := bytes.Index(p, []byte("\r\n\r\n"))
			if end < 0 {
				return
			}
			p = p[end+4:]
		}
		s.past[dir] = true
	}
	s.calls = append(s.calls, call{side: event.Side(dir), octets: bytes.Clone(p)})
	s.conn.Data(event.Side(dir), at, p)
}

func (s *tunnel) Gap(dir reassembly.Dir, at At, n uint64) { s.conn.Gap(event.Side(dir), at, n) }
func (s *tunnel) End(dir reassembly.Dir, at At, why End)  { s.conn.End(event.Side(dir), at, why) }

type opener func(*reassembly.Conn) reassembly.Sink

func (o opener) Open(c *reassembly.Conn) reassembly.Sink { return o(c) }

// readCapture reads every connection of a capture.
func readCapture(t testing.TB, path string, keys *keylog.Log) (conversations []*conversation) {
	t.Helper()
	source, err := capture.Open([]string{path}, capture.Options{Secrets: func(s capture.Secrets) { keys.Add(bytes.NewReader(s.Data)) }})
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	table := reassembly.NewTable(reassembly.Config{}, opener(func(c *reassembly.Conn) reassembly.Sink {
		v := &conversation{recorder: &recorder{t: t}, ordinal: c.Ordinal(), client: c.Endpoint(reassembly.Opener).String()}
		conversations = append(conversations, v)
		return &tunnel{conversation: v, conn: New(keys, Config{}, v)}
	}))
	decoder := decode.NewDecoder(decode.Config{})
	var batch capture.Batch
	var last At
	for {
		err := source.Read(&batch)
		for i := range batch.Packets {
			var s reassembly.Segment
			if decoder.Decode(&batch.Packets[i], &s) == decode.TCP {
				table.Segment(&s)
				last = s.At
			}
		}
		if err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		batch.Release()
	}
	table.Close(last)
	return conversations
}

// eachRecording calls test with the recordings of TLS, their key logs, and their conversations read with those.
func eachRecording(t *testing.T, test func(t *testing.T, path, log string, conversations []*conversation)) {
	paths, err := filepath.Glob(filepath.Join("..", "..", "testdata", "captures", "tls-*.pcapng"))
	if err != nil || len(paths) == 0 {
		t.Fatal("no recordings", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".pcapng"), func(t *testing.T) {
			log, err := os.ReadFile(strings.TrimSuffix(path, ".pcapng") + ".keys")
			if err != nil {
				t.Fatal(err)
			}
			keys := new(keylog.Log)
			if !strings.Contains(path, "embedded") {
				keys = keysOf(t, string(log))
			}
			test(t, path, string(log), readCapture(t, path, keys))
		})
	}
}

// plainConversation tells whether the leg behind a proxy is not TLS.
func (v *conversation) plain() bool {
	return len(v.calls) > 0 && looksLikeTLS(v.calls[0].octets) != Yes
}

func TestRecordings(t *testing.T) {
	eachRecording(t, func(t *testing.T, path, _ string, conversations []*conversation) {
		carried := 0
		for _, v := range conversations {
			if v.plain() {
				continue
			}
			for _, line := range v.log {
				if !strings.Contains(line, " data at ") && !strings.HasSuffix(line, " close_notify") {
					t.Errorf("connection %d: told %q", v.ordinal, line)
				}
			}
			name := filepath.Base(path)
			if h := v.hello; !h.Client || !h.Server || !h.ALPNKnown ||
				strings.HasPrefix(name, "tls-12") && h.Version != versionTLS12 || strings.HasPrefix(name, "tls-13") && h.Version != versionTLS13 ||
				h.Retried != strings.Contains(name, "retry") {
				t.Errorf("connection %d: %+v", v.ordinal, h)
			}
			suite := strings.ToUpper(strings.ReplaceAll(strings.TrimSuffix(name, ".pcapng"), "-", "_"))[len("tls-12"):]
			if (strings.Contains(suite, "AES") || strings.Contains(suite, "CHACHA")) && !strings.Contains(v.hello.Suite.String(), strings.TrimSuffix(suite, "_MAC_THEN_ENCRYPT")) {
				t.Errorf("connection %d: suite %v", v.ordinal, v.hello.Suite)
			}
			carried += v.data[event.Client].Len()
		}
		if carried == 0 {
			t.Error("no data")
		}
	})
}

// What was said is known without tshark where the endpoints keep no account.
func TestSaidInRecordings(t *testing.T) {
	const early = "GET /early HTTP/1.1\r\nHost: localhost:8443\r\n\r\n"
	want := map[string][]string{ // by connection, from the client
		"tls-12-renegotiation": {"under the first keys\nunder the second keys\n"},
		"tls-13-early-data":    {"the first connection\n", early + "after the early data\n", "the early data was rejected\n"},
	}
	eachRecording(t, func(t *testing.T, path, _ string, conversations []*conversation) {
		for i, text := range want[strings.TrimSuffix(filepath.Base(path), ".pcapng")] {
			if got := conversations[i].data[event.Client].String(); got != text {
				t.Errorf("connection %d: %q", i, got)
			}
		}
	})
}

func TestRecordingsLikeTshark(t *testing.T) {
	need.Long(t) // tshark takes a second for each connection
	tshark := need.Program(t, "tshark")
	eachRecording(t, func(t *testing.T, path, _ string, conversations []*conversation) {
		args := []string{"-r", path}
		if !strings.Contains(path, "connect") {
			args = append(args, "-d", "tcp.port==8080,tls")
		}
		if !strings.Contains(path, "embedded") {
			args = append(args, "-o", "tls.keylog_file:"+strings.TrimSuffix(path, ".pcapng")+".keys")
		}
		run := func(more ...string) string {
			out, err := exec.Command(tshark, append(args, more...)...).Output()
			if err != nil {
				t.Fatal(err)
			}
			return string(out)
		}
		type facts struct{ stream, ja3 string }
		seen := map[string]facts{} // by the number of the first packet
		first := map[string]string{}
		for line := range strings.Lines(run("-T", "fields", "-E", "occurrence=f", "-Y", "tcp", "-e", "tcp.stream", "-e", "frame.number", "-e", "tls.handshake.ja3")) {
			words := strings.Split(strings.TrimRight(line, "\n"), "\t")
			number, known := first[words[0]]
			if !known {
				number = words[1]
				first[words[0]] = number
			}
			if f := seen[number]; f.ja3 == "" {
				seen[number] = facts{words[0], words[2]}
			}
		}
		for _, v := range conversations {
			if v.plain() {
				continue
			}
			f, known := seen[fmt.Sprint(v.ordinal)]
			if !known || f.ja3 != v.hello.JA3 {
				t.Errorf("connection %d: JA3 %s, tshark has %q", v.ordinal, v.hello.JA3, f.ja3)
			}
			var want [2][]byte
			var node event.Side // whose lines are not indented
			for line := range strings.Lines(run("-q", "-z", "follow,tls,raw,"+f.stream)) {
				side := node
				if strings.HasPrefix(line, "\t") {
					side = node.Other()
				}
				if address, ok := strings.CutPrefix(strings.TrimSpace(line), "Node 0: "); ok && address != v.client {
					node = event.Server
				} else if p, err := hex.DecodeString(strings.TrimSpace(line)); err == nil {
					want[side] = append(want[side], p...)
				}
			}
			for side := range want {
				if got := v.data[side].Bytes(); !bytes.Equal(got, want[side]) {
					t.Errorf("connection %d, %v: %d octets, tshark has %d:\n%.80q\n%.80q", v.ordinal, event.Side(side), len(got), len(want[side]), got, want[side])
				}
			}
		}
	})
}
