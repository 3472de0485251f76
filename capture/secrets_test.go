package capture

import (
	"io"
	"slices"
	"strings"
	"testing"
)

// Secrets of a file that can be looked through come before its packets, those of others before the packets behind
// them.
func TestWhenSecretsCome(t *testing.T) {
	const keyLog = 0x544c534b
	file := new(ng).section(-1).iface(1, 0).secrets(keyLog, "first").enhanced(0, 1, "a").secrets(keyLog, "second").enhanced(0, 2, "b").
		enhanced(0, 3, "c").secrets(keyLog, "last").buf
	dir := t.TempDir()
	for name, c := range map[string]struct {
		path        string
		stdin       []byte
		want        string
		secretsLate bool
	}{
		"file":       {path: store(t, dir, "x.pcapng", file), want: "first second last a b c"},
		"compressed": {path: store(t, dir, "x.pcapng.gz", gzipOf(t, file)), want: "first a second b c last", secretsLate: true},
		"pipe":       {path: stdin, stdin: file, want: "first a second b c last", secretsLate: true},
		"cut":        {path: store(t, dir, "cut.pcapng", file[:len(file)-1]), want: "first second a b c"},
		"damaged":    {path: store(t, dir, "bad.pcapng", append(slices.Clone(file[:len(file)-4]), 1, 2, 3, 4)), want: "first second a b c"},
	} {
		var order []string
		s, err := Open([]string{c.path}, Options{
			Stdin:   strings.NewReader(string(c.stdin)),
			Secrets: func(s Secrets) { order = append(order, string(s.Data)) },
			Prescan: func(find func(func(Secrets))) { find(func(s Secrets) { order = append(order, string(s.Data)) }) },
		})
		if err != nil {
			t.Fatal(err)
		}
		if SecretsMayComeLate(s) != c.secretsLate {
			t.Errorf("%s: secretsLate %t", name, !c.secretsLate)
		}
		var b Batch
		for err = s.Read(&b); err == nil; err = s.Read(&b) {
			for _, p := range b.Packets {
				order = append(order, string(p.Data))
			}
		}
		if got := strings.Join(order, " "); err != io.EOF || got != c.want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		s.Close()
	}
}
