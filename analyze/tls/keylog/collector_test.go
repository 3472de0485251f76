package keylog

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wshake/capture"
)

// collect gives a Collector and the warnings that it gave so far.
func collect(t *testing.T) (*Collector, *[]string) {
	warnings := new([]string)
	c := &Collector{Warn: func(err error) { *warnings = append(*warnings, err.Error()) }}
	t.Cleanup(c.Close)
	return c, warnings
}

// poll does what an analysis does between batches of packets.
func poll(c *Collector) {
	if learn := c.Poll(); learn != nil {
		learn()
	}
}

// A followed key log may appear, grow in pieces of lines, be replaced, cut and removed.
func TestFollow(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	log := sample()
	half := len(log)/2 + 7
	appendText := func(text string) {
		f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	missing := path + " does not exist yet: waiting for it"
	for name, test := range map[string]struct {
		steps    []func()
		secrets  int
		warnings []string // behind the first one
	}{
		"comes late":      {[]func(){func() {}, func() { appendText(log) }}, 5, nil},
		"grows":           {[]func(){func() { appendText(log[:half]) }, func() { appendText(log[half:]) }}, 5, nil},
		"line not ended":  {[]func(){func() { appendText(log[:len(log)-1]) }}, 4, nil},
		"is replaced":     {[]func(){func() { appendText("# old\n") }, func() { os.Remove(path) }, func() { appendText(log) }}, 5, nil},
		"is cut":          {[]func(){func() { appendText(log + log) }, func() { os.Truncate(path, 0) }, func() { appendText(log) }}, 5, nil},
		"is removed":      {[]func(){func() { appendText(log) }, func() { os.Remove(path) }}, 5, nil},
		"has a bad line":  {[]func(){func() { appendText("RSA 1 2\n" + log) }, func() { appendText("#\n") }}, 5, []string{path + ": line 1: " + ErrEncrypted.Error()}},
		"never comes":     {[]func(){func() {}}, 0, nil},
		"bad lines later": {[]func(){func() { appendText(strings.Repeat("x\n", 16)) }, func() { appendText("x\nx\n") }}, 0, append(badLines(path), path+": 2 more bad lines")},
	} {
		os.Remove(path)
		c, warnings := collect(t)
		if err := c.Follow(path); err != nil {
			t.Fatal(err)
		}
		for _, step := range test.steps {
			step()
			poll(c)
			if c.Poll() != nil {
				t.Errorf("%s: there is still something to read", name)
			}
		}
		if got, want := strings.Join(*warnings, "\n"), strings.Join(append([]string{missing}, test.warnings...), "\n"); got != want {
			t.Errorf("%s: warnings %s\nwant %s", name, got, want)
		}
		if c.Log.Len() != test.secrets {
			t.Errorf("%s: %d secrets, want %d", name, c.Log.Len(), test.secrets)
		}
		c.Close()
	}
}

func badLines(path string) (list []string) {
	for i := range 16 {
		list = append(list, path+": line "+string("123456789"[i%9:i%9+1])+": "+ErrLabel.Error())
		if i >= 9 {
			list[i] = path + ": line 1" + string("0123456"[i-9:i-8]) + ": " + ErrLabel.Error()
		}
	}
	return list
}

// What is inside a capture is read when it was met, or scanned for when a secret is looked up, and bad lines are
// reported.
func TestEmbedded(t *testing.T) {
	random, err := hex.DecodeString(strings.Repeat("00", 30) + "1234")
	if err != nil {
		t.Fatal(err)
	}
	name := Name{Label: ClientTraffic}
	copy(name.Random[:], random)
	block := capture.Secrets{Type: blockType, Data: []byte(sample() + "bad\n")}
	const warning = "key log inside the capture: line 6: label is not a word of capitals, digits and underscores"

	c, warnings := collect(t)
	c.Embedded(capture.Secrets{Type: 0x57474b4c, Data: block.Data}) // of WireGuard
	if c.Poll() != nil {
		t.Error("a block that is no TLS key log was taken")
	}
	c.Embedded(block)
	poll(c)
	if c.Log.Secret(&name) == nil || strings.Join(*warnings, "\n") != warning {
		t.Errorf("met: %d secrets, warnings %q", c.Log.Len(), *warnings)
	}

	c, warnings = collect(t)
	scanned := 0
	c.Prescan(func(found func(capture.Secrets)) {
		scanned++
		found(block)
	})
	poll(c)
	if scanned != 0 || c.Poll() != nil {
		t.Error("scanned although no secret was looked up")
	}
	for range 2 {
		if c.Log.Secret(&name) == nil || scanned != 1 || len(*warnings) > 0 {
			t.Errorf("scanned: %d secrets, %d scans, warnings %q", c.Log.Len(), scanned, *warnings)
		}
	}
	c.Close()
	if strings.Join(*warnings, "\n") != warning {
		t.Errorf("warnings %q", *warnings)
	}
}

// Key logs inside a capture that are not read yet take bounded memory.
func TestEmbeddedIsBounded(t *testing.T) {
	c, warnings := collect(t)
	block := capture.Secrets{Type: blockType, Data: make([]byte, maxEmbedded/2)}
	for range 3 {
		c.Embedded(block)
	}
	if len(c.embedded) != 2 || c.size != maxEmbedded {
		t.Errorf("%d blocks, %d octets", len(c.embedded), c.size)
	}
	c.embedded = nil // zeros are slow to read
	poll(c)
	if strings.Join(*warnings, "\n") != "key logs inside the capture: those beyond 64 MiB were left out" {
		t.Errorf("warnings %q", *warnings)
	}
}

func TestFile(t *testing.T) {
	c, warnings := collect(t)
	path := filepath.Join(t.TempDir(), "keys")
	if err := c.File(path); err == nil {
		t.Error("a file that is missing was read")
	}
	if err := c.Follow(t.TempDir()); err == nil {
		t.Error("a directory was followed")
	}
	log := strings.TrimSuffix(sample(), "\n") // its last line counts, too
	if err := os.WriteFile(path, []byte(log), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.File(path); err != nil || c.Log.Len() != 5 || len(*warnings) > 0 {
		t.Errorf("%d secrets, warnings %q, %v", c.Log.Len(), *warnings, err)
	}
}
