package main

import (
	"bytes"
	"testing"
	"time"
)

func TestProgressLine(t *testing.T) {
	p := &progress{width: 80}
	p.read.Store(250e6)
	p.total.Store(1000e6)
	p.packets.Store(3e6)
	p.handshakes.Store(42)
	if got, want := p.line(3*time.Second), "250 of 1000 MB, 1000000 packets/s, 42 handshakes, 9s left"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	p.total.Store(0) // a pipe
	if got, want := p.line(3*time.Second), "250 MB, 1000000 packets/s, 42 handshakes"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	p.width = 20
	if got := p.line(3 * time.Second); len(got) >= 20 {
		t.Errorf("%q is too wide for a terminal of 20 columns", got)
	}
}

// Nothing is shown where there is no terminal, and a run without progress needs no special case.
func TestNoProgressWithoutTerminal(t *testing.T) {
	p := newProgress(new(bytes.Buffer))
	if p != nil {
		t.Fatal("progress without a terminal")
	}
	p.saw(nil)
	p.finish()
}
