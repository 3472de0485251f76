package analyze

import (
	"maps"
	"slices"

	"wshake/analyze/event"
)

// Sums is what the events of some groups of connections sum up to. It can be sent to another machine.
type Sums struct {
	Counts    event.Summary // handshakes, frames, messages, WebSockets, findings, caveats
	Hosts     []HostSums    // in the order of their names, other hosts last
	Copies    CopySums
	Forgotten uint64 // attempts that were no longer compared
}

// HostSums is what came of the attempts at one host.
type HostSums struct {
	Host   event.Host
	Exact  []int64           // durations, µs, while there are few
	Steps  map[uint16]uint32 // else how many there are in each logarithmic step
	Count  uint64
	Most   int64 // µs
	Others bool  // it stands for hosts that are not told apart
}

// CopySums counts conversations that were captured at more than one place, and names the first.
type CopySums struct {
	First, Second *event.Conn
	At            event.At
	Count         uint64
}

// Sums ends a group of connections: what waited is told, and what all sum up to is given. The Joiner is of no use then.
func (j *Joiner) Sums() *Sums {
	s := j.sum
	s.release(func(*event.Finding) bool { return true })
	s.limit.finish()
	sums := &Sums{Counts: s.total, Copies: CopySums{s.copies.first, s.copies.second, s.copies.at, s.copies.count}, Forgotten: s.correlate.Forgotten}
	for _, name := range slices.Sorted(maps.Keys(s.hosts.byName)) {
		sums.Hosts = append(sums.Hosts, s.hosts.byName[name].sums())
	}
	if s.hosts.others != nil {
		others := s.hosts.others.sums()
		others.Others = true
		sums.Hosts = append(sums.Hosts, others)
	}
	return sums
}

// Add adds the sums of other connections. Ordinals of all must count the same packets.
func (j *Joiner) Add(o *Sums) {
	s := j.sum
	for i, n := range o.Counts.Handshakes {
		s.total.Handshakes[i] += n
	}
	for i, n := range o.Counts.Findings {
		s.total.Findings[i] += n
	}
	for name, n := range o.Counts.Caveats {
		s.total.Caveats[name] += n
	}
	s.total.Frames += o.Counts.Frames
	s.total.Messages += o.Counts.Messages
	s.total.WebSocket += o.Counts.WebSocket
	s.correlate.Forgotten += o.Forgotten
	if c := o.Copies; c.Count > 0 {
		if s.copies.count == 0 || c.At.Ordinal < s.copies.at.Ordinal {
			s.copies.first, s.copies.second, s.copies.at = c.First, c.Second, c.At
		}
		s.copies.count += c.Count
	}
	for i := range o.Hosts {
		h := &o.Hosts[i]
		if h.Others {
			if s.hosts.others == nil {
				s.hosts.others = &host{Host: event.Host{Name: event.OtherHosts}}
			}
			s.hosts.others.join(h)
			continue
		}
		s.hosts.named(h.Host.Name).join(h)
	}
}

func (t *host) sums() HostSums {
	h := HostSums{Host: t.Host, Exact: t.latencies.exact, Count: t.latencies.count, Most: t.latencies.most}
	if t.latencies.counted == nil {
		return h
	}
	h.Steps = make(map[uint16]uint32)
	for row, steps := range t.latencies.counted {
		if steps == nil {
			continue
		}
		for step, n := range steps {
			if n > 0 {
				h.Steps[uint16(row*latencySteps+step)] = n
			}
		}
	}
	return h
}

// join adds what came of other attempts at the host.
func (t *host) join(o *HostSums) {
	t.Attempts += o.Host.Attempts
	for i, n := range o.Host.Verdicts {
		t.Verdicts[i] += n
	}
	for i, n := range o.Host.Findings {
		t.Findings[i] += n
	}
	for _, s := range o.Host.Statuses {
		t.refused(s.Status, s.Count)
	}
	l := &t.latencies
	for _, us := range o.Exact {
		l.add(us * 1000)
	}
	if len(o.Steps) > 0 {
		l.count += o.Count
		l.most = max(l.most, o.Most)
		l.spread()
		for at, n := range o.Steps {
			row, step := int(at)/latencySteps, int(at)%latencySteps
			if row >= latencyRows {
				continue
			}
			if l.counted[row] == nil {
				l.counted[row] = new([latencySteps]uint32)
			}
			l.counted[row][step] += n
		}
	}
}
