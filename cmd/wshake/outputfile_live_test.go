//go:build linux && !libpcap

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"wshake/testdata/need"
)

// shipper is an rsyslogd that copies every line of some files, and nothing else, to one file.
type shipper struct {
	*testing.T
	command *exec.Cmd
	out     string
	said    bytes.Buffer
}

// ship starts one for the files of a pattern.
func ship(t *testing.T, pattern string) *shipper {
	path := need.Program(t, "rsyslogd")
	dir := t.TempDir()
	s := &shipper{T: t, out: filepath.Join(dir, "shipped")}
	conf := filepath.Join(dir, "rsyslog.conf")
	text := fmt.Sprintf(`global(workDirectory=%q maxMessageSize="1m" parser.escapeControlCharactersOnReceive="off")
module(load="imfile" mode="inotify")
template(name="line" type="string" string="%%$!msg%%%%msg%%\n")
input(type="imfile" File=%q Tag="wshake" ruleset="copy" escapeLF="off")
ruleset(name="copy") { action(type="omfile" file=%q template="line" flushOnTXEnd="on" asyncWriting="off") }
`, dir, pattern, s.out)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.command = exec.Command(path, "-n", "-f", conf, "-i", filepath.Join(dir, "pid"))
	s.command.Stdout, s.command.Stderr = &s.said, &s.said
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.command.Process.Kill()
		s.command.Wait()
	})
	return s
}

// whole waits until as many lines came as there are, and compares them.
func (s *shipper) whole(w *sniffer, written []string) {
	s.Helper()
	var want []string
	for _, path := range written {
		want = append(want, strings.SplitAfter(strings.TrimSuffix(readFile(s.T, path), "\n"), "\n")...)
	}
	for i := range want {
		want[i] = strings.TrimSuffix(want[i], "\n")
	}
	var got []string
	wait(s.T, "every line was shipped", func() (bool, error) {
		b, _ := os.ReadFile(s.out) // it appears with the first line
		got = strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
		return len(got) >= len(want), nil
	})
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		s.Errorf("%d lines were written and %d shipped; %s", len(want), len(got), &s.said)
		for i := range min(len(got), len(want)) {
			if got[i] != want[i] {
				s.Fatalf("shipped %.300s\nwritten %.300s", got[i], want[i])
			}
		}
	}
}

// What ships logs (rsyslog here; Filebeat, Vector and Fluent Bit work alike) picks up every line once: from a series of
// files, and where logrotate renames the file and sends SIGHUP.
func TestLogsAreShipped(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, pattern string
		args          []string
		rename        bool
	}{
		{"a series", "events-*.ndjson", []string{"--rotate-size", "1500"}, false},
		{"SIGHUP", "events.ndjson", nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWires(t, "wire")
			dir := t.TempDir()
			file := filepath.Join(dir, "events.ndjson")
			shipped := ship(t, filepath.Join(dir, c.pattern))
			s := w.sniff(1, append(c.args, "-i", "wire", "-o", "json", "--output-file", file)...)
			for i := range 4 {
				client := fmt.Sprintf("10.0.0.1:%d", 4001+i)
				w.play("wire", upgrade(client))
				s.until("the handshake is in a file", func() bool {
					return slices.ContainsFunc(filesIn(t, filepath.Join(dir, "*")), func(path string) bool {
						return strings.Contains(readFile(t, path), `"handshake"`) && strings.Contains(readFile(t, path), client)
					})
				})
				if c.rename {
					shipped.until("the lines before the renaming", file)
					if err := os.Rename(file, fmt.Sprintf("%s.%d", file, i)); err != nil {
						t.Fatal(err)
					}
					s.signal(syscall.SIGHUP)
					s.until("the file is new", func() bool { return exists(file) })
				}
			}
			s.signal(os.Interrupt)
			e := s.finish()
			e.said(exitDone)
			if e.out != "" {
				t.Errorf("on standard output: %s", e.out)
			}
			written := filesIn(t, filepath.Join(dir, "*"))
			if len(written) < 4 {
				t.Errorf("files: %q", written)
			}
			for _, path := range written {
				e.out += readFile(t, path)
			}
			if n := len(e.events("handshake")); n != 4 {
				t.Errorf("%d handshakes were written", n)
			}
			shipped.whole(s, written)
		})
	}
}

// until waits for the lines of a file to have been shipped.
func (s *shipper) until(what, file string) {
	s.Helper()
	lines := strings.Split(strings.TrimSpace(readFile(s.T, file)), "\n")
	last := lines[len(lines)-1]
	wait(s.T, what, func() (bool, error) {
		b, _ := os.ReadFile(s.out)
		return strings.Contains(string(b), last+"\n"), nil
	})
}
