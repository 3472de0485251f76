package main

import (
	"fmt"
	"sync/atomic"

	"wshake/analyze/event"
	"wshake/analyze/report"
	"wshake/analyze/suggest"
	"wshake/capture"
)

// clockWords are what --time takes.
var clockWords = []string{"relative", "absolute"}

// setClock reads --time.
func (o *options) setClock(r *raw) error {
	switch {
	case r.clock == "relative", r.clock == "" && len(o.interfaces) == 0:
		o.clock = report.Relative
	case r.clock == "absolute", r.clock == "":
		o.clock = report.Absolute
	default:
		return fmt.Errorf("--time %q is neither relative nor absolute%s", r.clock, suggest.Meant(r.clock, clockWords))
	}
	return nil
}

// start remembers the time of the first packet, ns since the epoch.
type start struct {
	at atomic.Int64 // event.NoTime before
}

// started gives that time, false where no packet with a time was read.
func (in *input) started() (int64, bool) {
	at := in.first.at.Load()
	return at, at != event.NoTime
}

// begins is a source that tells start of its first packet.
type begins struct {
	capture.Source
	start *start
}

func (b *begins) Read(batch *capture.Batch) error {
	err := b.Source.Read(batch)
	for i := range batch.Packets {
		if b.start.at.Load() != event.NoTime {
			break
		}
		b.start.at.Store(batch.Packets[i].Time)
	}
	return err
}
