package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"wshake/analyze"
	"wshake/analyze/report"
	"wshake/analyze/tls/keylog"
	"wshake/capture"
	"wshake/testdata/need"
)

// blocks takes a pcapng file of little-endian order apart.
func blocks(t *testing.T, file []byte) (list [][]byte) {
	t.Helper()
	for len(file) > 0 {
		n := int(binary.LittleEndian.Uint32(file[4:]))
		list = append(list, file[:n])
		file = file[n:]
	}
	return list
}

// secretsAt moves the Decryption Secrets Blocks of a recording behind its n-th packet, or behind all if there are
// fewer.
func secretsAt(t *testing.T, path string, n int) []byte {
	t.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const decryptionSecrets, enhancedPacket = 10, 6
	var secrets, moved []byte
	var rest [][]byte
	for _, b := range blocks(t, file) {
		if binary.LittleEndian.Uint32(b) == decryptionSecrets {
			secrets = append(secrets, b...)
		} else {
			rest = append(rest, b)
		}
	}
	if secrets == nil {
		t.Fatal("no secrets inside")
	}
	packets := 0
	for _, b := range rest {
		if binary.LittleEndian.Uint32(b) == enhancedPacket {
			if packets == n {
				moved = append(moved, secrets...)
				secrets = nil
			}
			packets++
		}
		moved = append(moved, b...)
	}
	return append(moved, secrets...)
}

// sorted puts lines in order.
func sorted(text string) string {
	lines := strings.Split(text, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// Secrets inside a capture are found wherever they stand, in a file, a compressed one, and a pipe, and on any number
// of workers.
func TestEmbeddedSecretsAnywhere(t *testing.T) {
	dir := t.TempDir()
	const name = "tls-embedded-secrets.pcapng"
	path := filepath.Join(dir, name)
	args := []string{"--output", "json", "--show", "all"}
	_, want, _ := wshake(append(args, recording("tls-embedded-secrets"))...)
	want = strings.ReplaceAll(want, recording("tls-embedded-secrets"), name)
	for _, n := range []int{0, 7, 12, 20, 1 << 20} {
		moved := secretsAt(t, recording("tls-embedded-secrets"), n)
		var squeezed bytes.Buffer
		z := gzip.NewWriter(&squeezed)
		z.Write(moved)
		z.Close()
		for _, jobs := range []string{"1", "4"} {
			args := append([]string{"-j", jobs}, args...)
			for what, octets := range map[string][]byte{"file": moved, "compressed": squeezed.Bytes()} {
				if err := os.WriteFile(path, octets, 0o600); err != nil {
					t.Fatal(err)
				}
				status, got, errs := wshake(append(args, path)...)
				got = strings.ReplaceAll(got, path, name)
				if status != exitDone || errs != "" || got != want {
					t.Errorf("%s, behind packet %d, %s workers: status %d, %q\n%s", what, n, jobs, status, errs, difference(want, got))
				}
			}
			for _, most := range []int{1 << 20, 1000} { // octets that the pipe has at a time
				var out, errs bytes.Buffer
				status := run(append(args, "-"), stdio{in: &drip{bytes.NewReader(moved), most}, out: &out, err: &errs})
				got := strings.ReplaceAll(out.String(), `"files":["-"]`, `"files":["`+name+`"]`)
				if status != exitDone || errs.Len() > 0 || got != want {
					t.Errorf("pipe, behind packet %d, %s workers: status %d, %q\n%s", n, jobs, status, &errs, difference(want, got))
				}
			}
		}
	}
}

// drip gives few octets at a time.
type drip struct {
	io.Reader
	most int
}

func (d *drip) Read(p []byte) (int, error) { return d.Reader.Read(p[:min(len(p), d.most)]) }

// sniffed is a source like a live one: it gives the packets of a file a few at a time, and does something between.
type sniffed struct {
	capture.Source
	left []capture.Packet
	few  int
	then []func() // one for each Read
}

func sniff(t *testing.T, path string, few int, then ...func()) *sniffed {
	t.Helper()
	src, err := capture.Open([]string{path}, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { src.Close() })
	s := &sniffed{Source: src, few: few, then: then}
	var b capture.Batch
	for err = src.Read(&b); err == nil; err = src.Read(&b) {
		for _, p := range b.Packets {
			p.Data = bytes.Clone(p.Data)
			s.left = append(s.left, p)
		}
	}
	return s
}

func (s *sniffed) Read(b *capture.Batch) error {
	b.Packets = b.Packets[:0]
	if len(s.then) > 0 {
		s.then[0]()
		s.then = s.then[1:]
	} else if len(s.left) == 0 {
		return io.EOF
	}
	n := min(len(s.left), s.few)
	b.Packets = append(b.Packets, s.left[:n]...)
	s.left = s.left[n:]
	return nil
}

// While packets are captured a key log may appear, grow in pieces of lines, be replaced and cut.
func TestGrowingKeyLog(t *testing.T) {
	for _, name := range []string{"tls-13-aes-128-gcm", "tls-12-ticket", "tls-12-rsa", "tls-13-psk", "tls-nginx"} {
		log, err := os.ReadFile(strings.TrimSuffix(recording(name), ".pcapng") + ".keys")
		if err != nil {
			t.Fatal(err)
		}
		_, want, _ := wshake("--output", "json", "--show", "handshakes,messages,connections,findings,caveats", "--keylog", strings.TrimSuffix(recording(name), ".pcapng")+".keys", recording(name))
		path := filepath.Join(t.TempDir(), "keys")
		write := func(text []byte) func() {
			return func() {
				f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				if _, err := f.Write(text); err != nil {
					t.Fatal(err)
				}
			}
		}
		nothing := func() {}
		bad := []byte("CLIENT_RANDOM 1234 5678\n")
		for what, c := range map[string]struct {
			few    int
			then   []func()
			stderr string
		}{
			"comes at the end":      {1000, []func(){nothing, write(log)}, ""},
			"comes after the end":   {1000, []func(){nothing, nothing, write(log)}, ""},
			"grows in the middle":   {9, []func(){nothing, write(log[:60]), write(log[60:110]), write(log[110:])}, ""},
			"is replaced":           {9, []func(){write([]byte("# an old one\n")), func() { os.Remove(path) }, write(log)}, ""},
			"is cut and grows":      {9, []func(){write(bytes.Repeat([]byte("#\n"), 100)), func() { os.Truncate(path, 0) }, write(log)}, ""},
			"has a bad line":        {9, []func(){write(bad), nothing, write(log), write(bad[:5])}, "wshake: " + path + ": line 1: client random is not 32 octets in hexadecimal\n"},
			"was there from before": {9, []func(){write(log)}, ""},
		} {
			os.Remove(path)
			var out, errs bytes.Buffer
			std := stdio{out: &out, err: &errs}
			src := sniff(t, recording(name), c.few, c.then...)
			if strings.HasPrefix(what, "was there") {
				src.then[0]()
				src.then = nil
			}
			keys := &keylog.Collector{Warn: func(err error) { std.complain("%v", err) }}
			if err := keys.Follow(path); err != nil {
				t.Fatal(err)
			}
			if said := errs.String(); (src.then != nil) != strings.Contains(said, "keys does not exist yet: waiting for it\n") {
				t.Errorf("%s: said %q", what, said)
			}
			errs.Reset()
			o, err := parse([]string{"--output", "json", "--show", "handshakes,messages,connections,findings,caveats", "-i", "lo"})
			if err != nil {
				t.Fatal(err)
			}
			o.config.Keys.Log, o.config.Keys.Poll, o.config.Keys.Wait = &keys.Log, keys.Poll, awaitLive
			w := report.NewJSON(&out, report.Options{Show: o.show, Names: src.Names})
			if err := analyze.Run(context.Background(), src, o.config, w); err != nil {
				t.Fatal(err)
			}
			w.Flush()
			keys.Close()
			// The leg that is read second names the other, and which that is depends on when the secrets come.
			got, want := withoutLegs(out.String()), withoutLegs(want)
			if sorted(got) != sorted(want) || errs.String() != c.stderr {
				t.Errorf("%s %s: %q\n%s", name, what, &errs, difference(sorted(want), sorted(got)))
			}
		}
	}
}

var otherLeg = regexp.MustCompile(`"other_leg":({[^}]*}|null)`)

func withoutLegs(lines string) string { return otherLeg.ReplaceAllString(lines, `"other_leg":null`) }

// A key log that cannot be read is an error before anything is captured; one that is missing is one only where it
// cannot come any more.
func TestUnreadableKeyLog(t *testing.T) {
	if err := new(keylog.Collector).Follow(t.TempDir()); err == nil {
		t.Error("a directory is followed")
	}
	missing := filepath.Join(t.TempDir(), "keys")
	if status, _, errs := wshake("--keylog", missing, recording("node-ws")); status != exitInput || !strings.Contains(errs, missing) {
		t.Errorf("status %d, %q", status, errs)
	}
}

// No secret is ever printed, whatever is asked for and however damaged the key log is.
func TestNoSecretIsPrinted(t *testing.T) {
	logs, err := filepath.Glob(filepath.Join("..", "..", "testdata", "captures", "tls-*.keys"))
	if err != nil || len(logs) == 0 {
		t.Fatal("no key logs", err)
	}
	for i, path := range logs {
		log, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var needles []string
		for line := range strings.Lines(string(log)) {
			words := strings.Fields(line)
			if len(words) != 3 {
				continue
			}
			raw, err := hex.DecodeString(words[2])
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range [][]byte{raw, []byte(strings.ToLower(words[2])), []byte(strings.ToUpper(words[2]))} {
				needles = append(needles, string(p[:16]), string(p[len(p)-16:]))
				for shift := range 3 { // wherever it stands among the octets that are encoded
					s := base64.RawStdEncoding.EncodeToString(append(make([]byte, shift), p[:24]...))
					needles = append(needles, s[4:28], strings.NewReplacer("+", "-", "/", "_").Replace(s[4:28]))
				}
			}
		}
		damaged := filepath.Join(t.TempDir(), "keys")
		text := strings.ReplaceAll(string(log), "CLIENT_RANDOM", "client_random") + strings.ReplaceAll(string(log), " ", "  x ") + strings.ReplaceAll(string(log), "\n", "")
		if err := os.WriteFile(damaged, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		capture := strings.TrimSuffix(path, ".keys") + ".pcapng"
		outputs := [][]string{
			{}, {"--show", "all", "--payload", "100000"}, {"--output", "json", "--show", "all", "--payload", "100000"}, {"--follow", "1"}, {"--follow", "11"}, {"--redact"},
		}
		if need.Brief() {
			outputs = outputs[i%len(outputs):][:1] // each log has another one
		}
		for _, args := range outputs {
			for _, keys := range []string{path, damaged} {
				_, out, errs := wshake(append(args, "--keylog", keys, capture)...)
				for _, needle := range needles {
					if strings.Contains(out, needle) || strings.Contains(errs, needle) {
						t.Fatalf("%s %v %s: prints %q", path, args, keys, needle)
					}
				}
				if keys == damaged && !strings.Contains(errs, damaged+": line ") {
					t.Errorf("%s: bad lines are not named: %q", path, errs)
				}
			}
		}
	}
}

// By default only WebSockets have a connection event. Where connections are asked for by name all of TLS have one.
func TestTLSConnections(t *testing.T) {
	for _, name := range []string{"tls-12-renegotiation", "tls-chromium", "tls-13-psk"} {
		keys := strings.TrimSuffix(recording(name), ".pcapng") + ".keys"
		for _, args := range [][]string{{recording(name)}, {"--keylog", keys, recording(name)}} {
			_, summary, _ := wshake(append(args, "--output", "json", "--show", "summary")...)
			_, byDefault, _ := wshake(append(args, "--output", "json")...)
			_, asked, _ := wshake(append(args, "--output", "json", "--show", "connections")...)
			_, table, _ := wshake(append(args, "--show", "connections")...)
			validate(t, name, asked)
			all := strings.Count(asked, `"tls":{"decrypted":`)
			hidden := strings.Count(asked, `"tls":{"decrypted":false`)
			want := []byte(`"tls_connections":{"decrypted":` + string(rune('0'+all-hidden)) + `,"undecrypted":` + string(rune('0'+hidden)) + "}")
			if all == 0 || (len(args) == 1) != (all == hidden) || !strings.Contains(summary, string(want)) {
				t.Errorf("%s: %d of %d hidden in %s", name, hidden, all, summary)
			}
			if strings.Contains(byDefault, `"decrypted":false`) || strings.Count(byDefault, `"type":"connection"`) > strings.Count(byDefault, `"type":"handshake"`) {
				t.Errorf("%s: %s", name, byDefault)
			}
			if strings.Count(table, "TLS 1.")+strings.Count(byDefault, `"type":"connection"`) != all || strings.Count(table, "not decrypted") != hidden {
				t.Errorf("%s:\n%s", name, table)
			}
		}
	}
}
