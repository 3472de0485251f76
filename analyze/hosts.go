package analyze

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"

	"wshake/analyze/correlate"
	"wshake/analyze/event"
)

// hosts sums up the attempts by the host that they asked for.
type hosts struct {
	byName map[string]*host
	others *host // those beyond maxHosts, nil while there are none
}

// maxHosts is how many hosts are told apart, maxStatuses how many statuses of one.
const (
	maxHosts    = 1000
	maxStatuses = 32
)

type host struct {
	event.Host
	latencies latencies
}

func (l *hosts) named(name string) *host {
	if l.byName == nil {
		l.byName = make(map[string]*host)
	}
	if h := l.byName[name]; h != nil {
		return h
	}
	if len(l.byName) < maxHosts {
		h := &host{Host: event.Host{Name: strings.Clone(name)}}
		l.byName[h.Name] = h
		return h
	}
	if l.others == nil {
		l.others = &host{Host: event.Host{Name: event.OtherHosts}}
	}
	return l.others
}

func (l *hosts) add(h *event.Handshake) {
	if h.OtherLeg != nil && h.OtherLeg.Again {
		return // the same, captured once more
	}
	t := l.named(correlate.HostOf(h))
	t.Attempts++
	t.Verdicts[h.Verdict]++
	if h.Verdict == event.Refused && h.Response != nil {
		t.refused(h.Response.Status, 1)
	}
	for _, f := range h.Findings {
		t.Findings[f.Level]++
	}
	if latency, known := h.Latency(); known {
		t.latencies.add(latency)
	}
}

func (t *host) refused(status int, n uint64) {
	for i := range t.Statuses {
		if t.Statuses[i].Status == status {
			t.Statuses[i].Count += n
			return
		}
	}
	if len(t.Statuses) < maxStatuses {
		t.Statuses = append(t.Statuses, event.StatusCount{Status: status, Count: n})
	}
}

// list gives the hosts, those with the most attempts that came to nothing first.
func (l *hosts) list() []event.Host {
	all := make([]event.Host, 0, len(l.byName)+1)
	for _, t := range l.byName {
		all = append(all, t.done())
	}
	slices.SortFunc(all, func(a, b event.Host) int {
		return cmp.Or(cmp.Compare(b.Failed(), a.Failed()), cmp.Compare(b.Attempts, a.Attempts), cmp.Compare(a.Name, b.Name))
	})
	if l.others != nil {
		all = append(all, l.others.done())
	}
	return all
}

func (t *host) done() event.Host {
	slices.SortFunc(t.Statuses, func(a, b event.StatusCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Status, b.Status))
	})
	t.Latency = t.latencies.sum()
	return t.Host
}

// latencies counts durations in bounded memory: the first of them exactly, and when there are more, all of them with an
// error below 1 %.
//
// Looked at for it: github.com/HdrHistogram/hdrhistogram-go, whose histogram of this range and precision takes 25 kB for
// each host, and which has had no release since 2021.
type latencies struct {
	exact   []int64 // µs
	counted *[latencyRows]*[latencySteps]uint32
	count   uint64
	most    int64 // µs
}

const (
	latenciesExact = 256
	latencySteps   = 64 // of each power of two
	latencyRows    = 50 // powers of two
)

func (l *latencies) add(ns int64) {
	if ns < 0 {
		return // clocks of two hosts
	}
	us := ns / 1000
	l.count++
	l.most = max(l.most, us)
	if l.counted == nil {
		if len(l.exact) < latenciesExact {
			l.exact = append(l.exact, us)
			return
		}
		l.spread()
	}
	l.tally(us)
}

// spread goes on from exact durations to steps.
func (l *latencies) spread() {
	if l.counted != nil {
		return
	}
	l.counted = new([latencyRows]*[latencySteps]uint32)
	for _, v := range l.exact {
		l.tally(v)
	}
	l.exact = nil
}

// tally counts in logarithmic steps: row 0 holds what is below 64 µs, each further row 64 steps of a power of two.
func (l *latencies) tally(us int64) {
	row, step := latencyStep(us)
	if l.counted[row] == nil {
		l.counted[row] = new([latencySteps]uint32)
	}
	l.counted[row][step]++
}

func latencyStep(us int64) (row, step int) {
	row = max(bits.Len64(uint64(us))-6, 0) // 6 bits tell the step
	if row == 0 {
		return 0, int(us)
	}
	row = min(row, latencyRows-1)
	return row, int(us>>(row-1)) & (latencySteps - 1)
}

// latencyOf is the middle of a step, µs.
func latencyOf(row, step int) int64 {
	if row == 0 {
		return int64(step)
	}
	width := int64(1) << (row - 1)
	return (int64(latencySteps)+int64(step))*width + width/2
}

// at is the smallest of the durations that a share of them, in hundredths, does not exceed, µs.
func (l *latencies) at(percent uint64) int64 {
	rank := max((l.count*percent+99)/100, 1)
	if l.counted == nil {
		return l.exact[rank-1] // sorted by sum
	}
	for row := range l.counted {
		if l.counted[row] == nil {
			continue
		}
		for step, n := range l.counted[row] {
			if uint64(n) >= rank {
				return min(latencyOf(row, step), l.most)
			}
			rank -= uint64(n)
		}
	}
	return l.most
}

func (l *latencies) sum() *event.Latency {
	if l.count == 0 {
		return nil
	}
	slices.Sort(l.exact)
	return &event.Latency{P50: l.at(50), P90: l.at(90), P99: l.at(99), Max: l.most}
}
