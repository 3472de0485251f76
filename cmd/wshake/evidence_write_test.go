package main

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

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
	for _, name := range []string{"node-ws", "nginx-default", "close-codes", "h2c-streams", "tls-13-aes-128-gcm", "refused-401", "keep-alive-upgrade"} {
		path, file := recording(name), filepath.Join(t.TempDir(), "evidence.pcapng")
		args := []string{"-o", "json", "--show", "all"}
		keys := strings.TrimSuffix(path, ".pcapng") + ".keys"
		whole := args
		if exists(keys) {
			whole = append(whole, "--keylog", keys, "--embed-secrets")
		}
		status, want, errs := wshake(append(whole, "--evidence", file, path)...)
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
	if status, _, errs := wshake("--evidence", file, "--only", "refused", path); status != exitDone || errs != "" {
		t.Fatal(errs)
	}
	if _, out, _ := wshake("-o", "json", file); strings.Count(out, `"type":"handshake"`) != 1 || !strings.Contains(out, `"status":401`) {
		t.Error(out)
	}
	for _, c := range []struct{ args, said string }{
		{"--redact|--evidence|x", "do not go together"},
		{"--embed-secrets", "goes with --evidence"},
		{"--evidence|x|-", "reads its files twice"},
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
	if status, _, errs := wshake("--evidence", file, path); status != exitDone {
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
