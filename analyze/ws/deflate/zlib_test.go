package deflate

import (
	_ "embed"
	"fmt"
	"strings"
	"testing"
)

//go:embed testdata/node-zlib.txt
var nodeZlib string

func TestNodeZlib(t *testing.T) {
	var z *Inflater
	last, farthest := 0, 0
	for line := range strings.Lines(nodeZlib) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		var bits, lines int
		var octets string
		if _, err := fmt.Sscan(line, &bits, &lines, &octets); err != nil {
			t.Fatal(err)
		}
		if bits != last {
			z, last, farthest = New(Config{WindowBits: bits}), bits, 0
		}
		var want strings.Builder
		for i := range lines {
			fmt.Fprintf(&want, "{\"seq\":%d,\"price\":%d}\n", i%97, i%97*7919%10007)
		}
		got := inflate(z, unhex(t, octets))
		if got.Text != want.String() || got.Error != "" || got.Facts.BeyondWindow.Distance != 0 {
			t.Errorf("%d bits, %d lines: %+v", bits, lines, got)
		}
		farthest = max(farthest, got.Facts.MaxDistance)
		// The same octets break a window of half the size if they use more of this one.
		half := New(Config{WindowBits: bits - 1})
		if got := inflate(half, unhex(t, octets)); lines == 120 && (got.Facts.BeyondWindow.Distance > 0) != (got.Facts.MaxDistance > 1<<(bits-1)) {
			t.Errorf("%d bits judged as %d: %+v", bits, bits-1, got.Facts)
		}
	}
	if last != 15 || farthest < 2000 {
		t.Errorf("read up to %d bits, references up to %d octets", last, farthest)
	}
}
