package main

import (
	"bytes"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"wshake/analyze/event"
	"wshake/testdata/need"
)

// ordinals are what of an event depends on which other packets are in the file.
var ordinals = regexp.MustCompile(`"(conn|packet|first_packet|last_packet|request_packet|response_packet)":\d+|(connection|packet|connections|packets) \d+`)

// renumbered are the events without those, and without the account of the run.
func renumbered(out string) string {
	var kept []string
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, `{"type":"summary"`) && !strings.Contains(line, `"conn":null`) {
			kept = append(kept, ordinals.ReplaceAllString(line, "N"))
		}
	}
	return strings.Join(kept, "")
}

// The packets taken out give the events that the capture gave, and have comments.
func TestEvidencePackets(t *testing.T) {
	for _, name := range []string{"node-ws", "nginx-default", "close-codes", "h2c-streams", "tls-13-aes-128-gcm", "refused-401", "keep-alive-upgrade", "h3-migrated", "h3-retry"} {
		path, file := recording(name), filepath.Join(t.TempDir(), "evidence.pcapng")
		args := []string{"-o", "json", "--show", "all"}
		keys := strings.TrimSuffix(path, ".pcapng") + ".keys"
		whole := args
		if exists(keys) {
			whole = append(whole, "--keylog", keys, "--embed-secrets")
		}
		status, want, errs := wshake(append(whole, "--write", file, path)...)
		if status != exitDone || errs != "" {
			t.Errorf("%s: status %d, %s", name, status, errs)
			continue
		}
		status, got, errs := wshake(append(args, file)...)
		if status != exitDone || errs != "" || renumbered(got) != renumbered(want) {
			t.Errorf("%s: status %d, %s, events differ:\n%.3000s\n%.3000s", name, status, errs, renumbered(want), renumbered(got))
		}
		if text := readFile(t, file); !strings.Contains(text, "packet 1 of ") {
			t.Errorf("%s has no comments", name)
		}
	}
}

func TestEvidencePacketsSelected(t *testing.T) {
	file := filepath.Join(t.TempDir(), "evidence.pcapng")
	path := writeDialogue(t, secrets)
	if status, _, errs := wshake("--write", file, "--only", "refused", path); status != exitDone || errs != "" {
		t.Fatal(errs)
	}
	if _, out, _ := wshake("-o", "json", file); strings.Count(out, `"type":"handshake"`) != 1 || !strings.Contains(out, `"status":401`) {
		t.Error(out)
	}
	for _, c := range []struct{ args, said string }{
		{"--redact|--embed-secrets|--write|x", "do not go together"},
		{"--embed-secrets", "goes with --write"},
		{"--embed-secrets|--write|x|-", "goes with --write"},
		{"--write|x|--rotate-size|1MiB", "of files it writes one"},
	} {
		if status, _, errs := wshake(append(strings.Split(c.args, "|"), path)...); status != exitUsage || !strings.Contains(errs, c.said) {
			t.Errorf("%s: status %d, %s", c.args, status, errs)
		}
	}
}

// Wireshark's programs read the file, with its comments.
func TestEvidencePacketsInWireshark(t *testing.T) {
	tshark, capinfos := need.Program(t, "tshark"), need.Program(t, "capinfos")
	file := filepath.Join(t.TempDir(), "evidence.pcapng")
	path := recording("nginx-default")
	if status, _, errs := wshake("--write", file, path); status != exitDone {
		t.Fatal(errs)
	}
	out, err := exec.Command(tshark, "-r", file, "-T", "fields", "-e", "frame.comment").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "packet 4 of ") || !strings.Contains(string(out), "wshake error proxy-stripped-upgrade: ") {
		t.Errorf("%v, %.1000s", err, out)
	}
	if out, err := exec.Command(capinfos, "-c", file).CombinedOutput(); err != nil || !strings.Contains(string(out), "Number of packets") {
		t.Errorf("%v, %s", err, out)
	}
}

// What can be read only once is kept as it comes; of files, other connections are left out.
func TestWriteKeepsWhatItCan(t *testing.T) {
	other := "conn 1: 10.0.0.1:4001 > 10.0.0.2:25\n-- server --\n220 mail\n"
	path := writeDialogue(t, other+strings.Replace(hostileNames, "conn 1: 10.0.0.1:4001", "conn 2: 10.0.0.1:4002", 1))
	all := func(file string) (packets string) {
		_, out, _ := wshake("-o", "json", "--show", "summary", file)
		return regexp.MustCompile(`"packets":\d+`).FindString(out)
	}
	dir := t.TempDir()
	once, twice := filepath.Join(dir, "once.pcapng"), filepath.Join(dir, "twice.pcapng")
	capture, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer capture.Close()
	var out, errs bytes.Buffer
	if status := run([]string{"--write", once, "-"}, stdio{capture, &out, &errs}); status != exitDone || errs.String() != "" {
		t.Errorf("status %d, %s", status, &errs)
	}
	if status, _, errs := wshake("--write", twice, path); status != exitDone || errs != "" {
		t.Errorf("status %d, %s", status, errs)
	}
	if all(once) != all(path) || all(twice) == all(path) || strings.Contains(readFile(t, twice), "220 mail") || !strings.Contains(readFile(t, once), "220 mail") {
		t.Errorf("the capture has %s; of standard input %s were kept, of the file %s", all(path), all(once), all(twice))
	}
}

// A limit of what is remembered is told, once.
func TestWriteLimitsAreTold(t *testing.T) {
	var said []string
	o := &options{}
	p := o.newPicked(func(name string, _ *event.At, text string) { said = append(said, name+": "+text) })
	for i := range 2 * p.picksMost {
		c := &event.Conn{Ordinal: uint64(i + 1), Peer: [2]netip.AddrPort{netip.AddrPortFrom(netip.AddrFrom4([4]byte{10}), uint16(i)), {}}}
		for range 2 {
			p.Finding(&event.Finding{Conn: c, At: event.At{Ordinal: uint64(i)}})
		}
	}
	if len(p.lasts) != p.picksMost || len(said) != 2 || !strings.HasPrefix(said[0], "write-limit: more than 1024 findings") || !strings.HasPrefix(said[1], "write-limit: more than 1024 connections") {
		t.Errorf("%d connections: %q", len(p.lasts), said)
	}
}
