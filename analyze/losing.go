package analyze

import (
	"fmt"
	"time"

	"wshake/analyze/event"
)

// losing watches what a live source loses.
type losing struct {
	told event.Dropped // what caveats have named so far
	at   int64         // capture clock when the source was last asked
}

// askEvery is how often a live source is asked what it lost, in capture time: a burst of losses makes one caveat, not one per packet.
const askEvery = int64(time.Second)

// losses makes caveats of what was lost since it last did.
func (a *accountant) losses(r *round) {
	l := &a.losing
	if a.cfg.Dropped == nil || !r.final && r.now-l.at < askEvery {
		return
	}
	l.at = r.now
	at := r.at
	if at.Ordinal == 0 {
		at.Time = r.now // no packet yet
	}
	now := a.cfg.Dropped()
	for _, row := range []struct {
		told *uint64
		now  uint64
		name string
		what string
	}{
		{&l.told.Kernel, now.Kernel, "kernel-drop", "the kernel dropped %s: what came was more than could be read"},
		{&l.told.Interface, now.Interface, "interface-drop", "the interface or its driver lost %s"},
	} {
		if row.now <= *row.told {
			continue
		}
		n := row.now - *row.told
		*row.told = row.now
		packets := fmt.Sprintf("%d packets", n)
		if n == 1 {
			packets = "1 packet"
		}
		a.Caveat(&event.Caveat{At: at, Name: row.name, Text: fmt.Sprintf(row.what, packets)})
	}
}

// counted is all that was lost, nil where nothing was captured live.
func (l *losing) counted(cfg *Config) *event.Dropped {
	if cfg.Dropped == nil {
		return nil
	}
	told := l.told
	return &told
}
