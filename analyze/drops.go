package analyze

import (
	"fmt"
	"time"

	"wshake/analyze/event"
)

// dropMonitor watches what a live source loses.
type dropMonitor struct {
	told event.Dropped // what caveats have named so far
	at   int64         // capture clock when the source was last asked
}

// askEvery is how often a live source is asked what it lost, in capture time: a burst of losses makes one caveat, not
// one per packet.
const askEvery = int64(time.Second)

// losses makes caveats of what was lost since it last did.
func (s *summary) losses(r *round) {
	m := &s.drops
	if s.cfg.Live.Dropped == nil || !r.final && r.now-m.at < askEvery {
		return
	}
	m.at = r.now
	at := r.at
	if at.Ordinal == 0 {
		at.Time = r.now // no packet yet
	}
	now := s.cfg.Live.Dropped()
	for _, row := range []struct {
		told *uint64
		now  uint64
		name string
		what string
	}{
		{&m.told.Kernel, now.Kernel, "kernel-drop", "the kernel dropped %s: what came was more than could be read"},
		{&m.told.Interface, now.Interface, "interface-drop", "the interface or its driver lost %s"},
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
		s.Caveat(&event.Caveat{At: at, Name: row.name, Text: fmt.Sprintf(row.what, packets)})
	}
}

// counted is all that was lost, nil where nothing was captured live.
func (m *dropMonitor) counted(cfg *Config) *event.Dropped {
	if cfg.Live.Dropped == nil {
		return nil
	}
	told := m.told
	return &told
}

// captureDrops takes what the files themselves count as lost into the summary, with a caveat.
func (s *summary) captureDrops(t *Totals) {
	lost := t.Lost
	if !t.LostKnown || lost.Kernel+lost.Interface == 0 {
		return
	}
	s.total.Dropped = &lost
	s.Caveat(&event.Caveat{At: t.Last, Name: "capture-drop", Text: fmt.Sprintf("the file counts packets that were lost while it was captured: "+
		"%d by the system or not said by what, %d by the interface", lost.Kernel, lost.Interface)})
}
