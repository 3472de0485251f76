package analyze

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"wshake/analyze/event"
	"wshake/capture"
)

// dripping is a live source that delivers one packet per Read.
type dripping struct{ player }

func (d *dripping) Read(b *capture.Batch) error {
	left := d.left
	d.left = left[:min(len(left), 1)]
	err := d.player.Read(b)
	d.left = left[min(len(left), 1):]
	return err
}

// What a live source loses is told once per second of capture time at most, and adds up to the summary.
func TestLossesAreTold(t *testing.T) {
	var packets tape
	for i := range 40 {
		packets = append(packets, capture.Packet{Data: []byte{0x45}, Length: 1, Link: linkRaw, Time: int64(1000*time.Second) + int64(i)*int64(100*time.Millisecond)})
	}
	asked := uint64(0)
	rec := new(recorder)
	cfg := Config{Want: event.AllKinds, Live: Live{On: true, Dropped: func() event.Dropped {
		asked++
		return event.Dropped{Kernel: asked * 10, Interface: min(asked/2, 1)}
	}}}
	if err := Run(context.Background(), &dripping{*packets.play()}, cfg, rec); err != nil {
		t.Fatal(err)
	}
	// At 0, 1, 2 and 3 seconds, and at the end.
	var got []string
	for _, c := range rec.caveats {
		if c.Name != "packet-malformed" && c.Name != "packet-truncated" {
			got = append(got, fmt.Sprintf("%d %s: %s", c.At.Number, c.Name, c.Text))
		}
	}
	kernel := " kernel-drop: the kernel dropped 10 packets: what came was more than could be read"
	want := []string{"1" + kernel, "11" + kernel, "11 interface-drop: the interface or its driver lost 1 packet", "21" + kernel, "31" + kernel, "40" + kernel}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if d := rec.summary.Dropped; d == nil || *d != (event.Dropped{Kernel: 50, Interface: 1}) {
		t.Errorf("summary: %+v", d)
	}
	if n := rec.summary.Caveats["kernel-drop"]; n != 5 {
		t.Errorf("the summary counts %d caveats", n)
	}
}

// Files lose nothing that way.
func TestNoLossesInFiles(t *testing.T) {
	rec := analyseSource(t, tape{}.play())
	if rec.summary.Dropped != nil {
		t.Errorf("%+v", rec.summary.Dropped)
	}
}
