package report

import (
	"cmp"
	"io"
	"slices"
	"sync"

	"wshake/analyze/event"
)

// Watch counts events for a screen that shows what goes on now. Unlike the other outputs it writes nothing until the
// end: Screen gives what it would show. At the end it prints findings, caveats and totals as the table does.
//
// Its memory does not grow with the run: of hosts and findings it keeps some, of open connections their ordinals, of
// which there are no more than the analysis itself remembers.
//
// Its methods may be called from several goroutines.
type Watch struct {
	mu       sync.Mutex
	options  Options
	end      *overview
	verdicts [event.Verdicts]uint64
	statuses map[int]uint64 // of refusals; a status has three digits
	open     map[string]struct{}
	hosts    hosts
	findings [event.Levels]uint64
	caveats  uint64
	latest   []*event.Finding // the newest last
	pace     pace
}

// latestKept is how many findings are kept: more than fit on most screens.
const latestKept = 100

// NewWatch makes one that prints to w at its end.
func NewWatch(w io.Writer, o Options) *Watch {
	o.Show = event.KindFinding | event.KindCaveat | event.KindSummary
	return &Watch{options: o, end: newOverview(w, o), statuses: make(map[int]uint64), open: make(map[string]struct{})}
}

func (w *Watch) Handshake(h *event.Handshake) {
	if o := h.OtherLeg; o != nil && o.Role == event.DownstreamLeg {
		return // one attempt through a proxy counts once, as the leg toward the client
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.verdicts[h.Verdict]++
	failed := true
	switch h.Verdict {
	case event.Established:
		failed = false
		w.open[h.Conn.String()] = struct{}{}
	case event.Invalid: // the peers may well go on
		w.open[h.Conn.String()] = struct{}{}
	case event.Refused:
		if h.Response != nil {
			w.statuses[h.Response.Status]++
		}
	}
	if h.Verdict != event.OtherUpgrade {
		w.hosts.add(hostOf(h.Request, h.Conn), failed)
	}
}

// hostOf is the host that a request names, else the address that it was sent to.
func hostOf(q *event.Head, c *event.Conn) string {
	if q != nil {
		if host := q.Authority(); host != "" {
			return host
		}
	}
	return c.Peer[event.Server].String()
}

func (w *Watch) Frame(*event.Frame)     {}
func (w *Watch) Message(*event.Message) {}

func (w *Watch) Connection(e *event.Connection) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.open, e.Conn.String())
}

func (w *Watch) Finding(f *event.Finding) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.findings[f.Level]++
	if f.Follows == nil { // consequences are told at the end
		if len(w.latest) == latestKept {
			w.latest = slices.Delete(w.latest, 0, latestKept/2)
		}
		w.latest = append(w.latest, f)
	}
	w.end.Finding(f)
}

func (w *Watch) Caveat(c *event.Caveat) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.caveats++
	w.end.Caveat(c)
}

func (w *Watch) Summary(s *event.Summary) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.end.Summary(s)
}

// Resize tells the width of the terminal for what is printed at the end.
func (w *Watch) Resize(width int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.end.width = max(width, Narrowest)
}

// Pause does nothing: there is nothing to print before the end.
func (w *Watch) Pause() error { return nil }

// Flush prints what the end is made of.
func (w *Watch) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.end.Flush()
}

// Err is the first error of a write.
func (w *Watch) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.end.Err()
}

// host is what was seen of one.
type host struct {
	name               string // wire text
	handshakes, failed uint64
}

// hosts counts handshakes by host. When there are too many, those with the fewest handshakes are put together.
type hosts struct {
	byName map[string]*host
	others host // those that are not told apart any more
}

const (
	// hostsKept is how many hosts are told apart.
	hostsKept = 1000
	// hostLength is how much of a host's name is kept, octets: more than one may have (RFC 1035 §2.3.4) with its port.
	hostLength = 264
)

func (l *hosts) add(name string, failed bool) {
	name = name[:min(len(name), hostLength)]
	h := l.byName[name]
	if h == nil {
		if len(l.byName) == hostsKept {
			l.forget()
		}
		if l.byName == nil {
			l.byName = make(map[string]*host)
		}
		h = &host{name: name}
		l.byName[name] = h
	}
	h.handshakes++
	if failed {
		h.failed++
	}
}

// forget puts the less busy half together.
func (l *hosts) forget() {
	for _, h := range l.busiest()[hostsKept/2:] {
		l.others.handshakes += h.handshakes
		l.others.failed += h.failed
		delete(l.byName, h.name)
	}
}

// busiest gives all hosts, those with the most handshakes first.
func (l *hosts) busiest() []*host {
	list := make([]*host, 0, len(l.byName))
	for _, h := range l.byName {
		list = append(list, h)
	}
	slices.SortFunc(list, func(a, b *host) int {
		return cmp.Or(cmp.Compare(b.handshakes, a.handshakes), cmp.Compare(a.name, b.name))
	})
	return list
}
