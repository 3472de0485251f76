package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"wshake/analyze/event"
)

// Moment is what a screen is drawn for. Of times it knows only those that it is given.
type Moment struct {
	Width, Height int // of the terminal, columns and lines
	Began, Now    time.Time
	Source        string        // where packets come from
	Dropped       event.Dropped // until now
	Problem       string        // what went wrong last, "" for nothing
	Keys          bool          // there is a keyboard: the last line tells its keys
	Controls
}

// Controls are what a user has set by keys.
type Controls struct {
	Paused bool
	Help   bool
	Typing bool   // the filter is being typed
	Filter string // only hosts and findings that hold this, in any case
	Scroll int    // findings that are passed over, the newest first
}

// holds reports whether a text passes the filter.
func (c *Controls) holds(text string) bool {
	return c.Filter == "" || strings.Contains(strings.ToLower(text), strings.ToLower(c.Filter))
}

// status is the last line of the screen.
func (m *Moment) status() string {
	switch {
	case m.Typing:
		return "filter: " + Sanitise(m.Filter)
	case m.Filter != "":
		return "only with " + Sanitise(m.Filter) + "  (Esc: all)  q end  p pause  ? help"
	}
	return "q end  p pause  / filter  arrows scroll  ? help"
}

const watchHelp = `q, ^C                end, and print findings and totals
p, space             pause the screen; packets are still read
/                    only hosts and findings with a text; Enter, Esc
arrows, PgUp, PgDn   scroll the findings
Esc                  no filter, the newest findings
?                    this page, or back`

// pace remembers how many handshakes there had been when.
type pace []moments

type moments struct {
	at    time.Time
	count uint64
}

// paceOver is the time over which handshakes per second are told, about.
const paceOver = 10 * time.Second

// perSecond is told how many there have been until now.
func (p *pace) perSecond(now time.Time, count uint64) float64 {
	*p = append(*p, moments{now, count})
	for len(*p) > 2 && now.Sub((*p)[1].at) >= paceOver {
		*p = slices.Delete(*p, 0, 1)
	}
	first := (*p)[0]
	if passed := now.Sub(first.at).Seconds(); passed > 0 {
		return float64(count-first.count) / passed
	}
	return 0
}

// Screen gives the lines of a screen, at most m.Height of them, none wider than m.Width. What matters most comes
// first, so that this is what a small screen shows.
func (w *Watch) Screen(m Moment) (lines []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := &screen{width: m.Width, output: output{color: w.options.Color}}
	state := elapsed(m.Now.Sub(m.Began))
	if m.Paused {
		state = "paused  " + state
	}
	s.title("wshake "+Sanitise(m.Source), state)
	if m.Help {
		for text := range strings.SplitSeq(watchHelp, "\n") {
			s.line(cell{text: text})
		}
		return s.lines[:min(len(s.lines), max(m.Height, 0))]
	}
	if m.Keys && m.Height > 1 {
		m.Height--
		defer func() {
			for len(s.lines) < m.Height {
				s.line()
			}
			s.lines = s.lines[:m.Height]
			s.line(cell{m.status(), faint})
			lines = s.lines
		}()
	}
	seen := sum(w.verdicts[:])
	s.fact("handshakes", plain, fmt.Sprintf("%s, %.1f per second", number(seen), w.pace.perSecond(m.Now, seen)))
	s.fact("established", good, number(w.verdicts[event.Established]))
	s.fact("refused", doubtful, number(w.verdicts[event.Refused])+w.byStatus())
	for _, v := range []event.Verdict{event.Invalid, event.Incomplete, event.OtherUpgrade} {
		if n := w.verdicts[v]; n > 0 {
			s.fact(v.String(), bad, number(n))
		}
	}
	s.fact("open", plain, count(uint64(len(w.open)), "connection"))
	s.fact("findings", plain, levels(&event.Summary{Findings: w.findings}))
	if w.caveats > 0 {
		s.fact("caveats", plain, number(w.caveats))
	}
	lost := plain
	if m.Dropped.Kernel+m.Dropped.Interface > 0 {
		lost = bad
	}
	s.fact("dropped", lost, "kernel "+number(m.Dropped.Kernel)+", interface "+number(m.Dropped.Interface))
	if m.Problem != "" {
		s.fact("problem", bad, sentence(m.Problem))
	}

	const heads = 4 // two, and what sets them apart
	left := m.Height - len(s.lines) - heads
	list := w.hosts.listed(max(left/3, 3), &m.Controls)
	s.hosts(list)
	s.latest(w.latest, left-len(list), &m.Controls)
	return s.lines[:min(len(s.lines), max(m.Height, 0))]
}

// byStatus says what refusals were, the most frequent first: 426 ×12, 401 ×3.
func (w *Watch) byStatus() string {
	statuses := slices.Sorted(maps.Keys(w.statuses))
	slices.SortStableFunc(statuses, func(a, b int) int { return int(w.statuses[b]) - int(w.statuses[a]) })
	said := ""
	for i, status := range statuses {
		said += [...]string{":", ","}[min(i, 1)] + fmt.Sprintf(" %d ×%s", status, number(w.statuses[status]))
	}
	return said
}

// screen gathers lines.
type screen struct {
	output
	width int
	lines []string
}

// line gathers one of cells, whose texts are sanitised already, cut to the screen.
func (s *screen) line(cells ...cell) {
	var b []byte
	left := s.width
	for _, c := range cells {
		text := fit(c.text, left)
		b = s.paint(b, c.tint, text)
		left -= columns(text)
	}
	s.lines = append(s.lines, string(trimBlanks(b)))
}

// title has something at both of its ends, if there is room.
func (s *screen) title(left, right string) {
	between := s.width - columns(left) - columns(right)
	if between < len(gutter) {
		s.line(cell{text: left})
		return
	}
	s.line(cell{text: left + strings.Repeat(" ", between)}, cell{right, faint})
}

// fact is a line of a name and what is said of it.
func (s *screen) fact(name string, t tint, said string) {
	if said == "0" || said == "" {
		said, t = "0", plain
	}
	s.line(cell{fmt.Sprintf("%-15s", name), faint}, cell{said, t})
}

// listed gives the n busiest, the last of them for all others if there are more.
func (l *hosts) listed(n int, c *Controls) []*host {
	list, others := l.busiest(), l.others
	if c.Filter != "" {
		others = host{}
		list = slices.DeleteFunc(list, func(h *host) bool { return !c.holds(h.name) })
	}
	others.name = "other hosts"
	if len(list) > n || others.handshakes > 0 {
		keep := min(len(list), max(n-1, 0))
		for _, h := range list[keep:] {
			others.handshakes += h.handshakes
			others.failed += h.failed
		}
		list = append(list[:keep], &others)
	}
	return list
}

func (s *screen) hosts(list []*host) {
	if len(list) == 0 {
		return
	}
	const numbers = len("  handshakes    failed")
	names := 50
	for _, h := range list {
		names = max(names, columns(Sanitise(h.name)))
	}
	names = max(min(names, s.width-numbers), 1)
	row := func(name, handshakes, failed string, of, bad tint) {
		name = fit(name, names)
		s.line(cell{name + strings.Repeat(" ", names-columns(name)), of}, cell{fmt.Sprintf("%12s", handshakes), of},
			cell{fmt.Sprintf("%10s", failed), bad})
	}
	s.line()
	row("host", "handshakes", "failed", faint, faint)
	for _, h := range list {
		failed := plain
		if h.failed > 0 {
			failed = bad
		}
		row(Sanitise(h.name), number(h.handshakes), number(h.failed), plain, failed)
	}
}

// latest shows up to n findings, the newest first.
func (s *screen) latest(found []*event.Finding, n int, c *Controls) {
	if c.Filter != "" {
		found = slices.DeleteFunc(slices.Clone(found), func(f *event.Finding) bool {
			return !c.holds(f.Name + " " + f.Host + " " + f.Text + " " + between(f.Conn))
		})
	}
	found = found[:max(len(found)-c.Scroll, min(len(found), 1))]
	if len(found) == 0 || n <= 0 {
		return
	}
	s.line()
	s.line(cell{"latest findings", faint})
	for i, f := range slices.Backward(found) {
		if len(found)-i > n {
			return
		}
		// The host comes first and the addresses last, which a narrow screen cuts.
		said := []string{"  " + f.Name}
		if f.Host != "" {
			said = append(said, Sanitise(ahead(f.Host, hostLength)))
		}
		said = append(said, sentence(f.Text))
		if peers := between(f.Conn); peers != "" {
			said = append(said, peers)
		}
		s.line(cell{text: clock(f.At.Time)[:len("15:04:05")] + "  "},
			cell{fmt.Sprintf("%-7s", f.Level), levelTint(f.Level)}, cell{text: strings.Join(said, gutter)})
	}
}

// elapsed writes a time as hours, minutes and seconds: 0:03:12.
func elapsed(d time.Duration) string {
	seconds := int(d / time.Second)
	return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
}
