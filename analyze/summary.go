package analyze

import (
	"fmt"
	"slices"

	"wshake/analyze/correlate"
	"wshake/analyze/event"
	"wshake/analyze/internal/merge"
	"wshake/reassembly/decode"
)

// summary stands between the merged events and who reads them: it passes on what is wanted, takes findings out of
// handshakes into events of their own, collects what a connection's event lists, and sums up.
type summary struct {
	total     event.Summary
	cfg       *Config
	to        event.Receiver
	correlate *correlate.Correlator
	waiting   []*event.Finding // see put
	drops     dropMonitor
	// names are those of findings and caveats by connection, until its event comes; nil where nobody wants that.
	names  map[*event.Conn]*nameLists
	limit  *repeats
	copies copies
	ignore *ignoring
	hosts  hosts
}

// copies is the conversations that were captured at more than one place.
type copies struct {
	first, second *event.Conn // of the first of them
	at            event.At
	count         uint64
}

// add counts a handshake whose conversation was already told from another place.
func (c *copies) add(h *event.Handshake) {
	if h.OtherLeg == nil || !h.OtherLeg.Again {
		return
	}
	if c.count++; c.count == 1 {
		c.first, c.second, c.at = h.OtherLeg.Conn, h.Conn, h.At
	}
}

// caveat says that conversations are told more than once.
func (c *copies) caveat(s *summary) {
	if c.count == 0 {
		return
	}
	text := fmt.Sprintf("connections %s and %s are one conversation that was captured at two places (such as on both "+
		"sides of a translation of addresses, a firewall or a tunnel): it is listed twice", c.first, c.second)
	if c.count > 1 {
		text = fmt.Sprintf("%d conversations were captured at more than one place (such as on both sides of a "+
			"translation of addresses, "+
			"a firewall or a tunnel) and are listed once for each, the first as connections %s and %s",
			c.count, c.first, c.second)
	}
	s.Caveat(&event.Caveat{At: c.at, Name: "copies", Text: text})
}

// nameLists lists, each once, what a connection's event names.
type nameLists struct{ findings, caveats []string }

func newSummary(cfg *Config, to event.Receiver) *summary {
	s := &summary{cfg: cfg, to: to, correlate: correlate.New(cfg.Checks, cfg.Policy), ignore: newIgnoring(cfg.Policy)}
	s.correlate.MaxMemory = cfg.Limits.Compared
	s.total.Caveats = make(map[string]uint64)
	s.limit = newRepeats(cfg.Limits.Findings, s.Caveat)
	if s.wants(event.KindConnection) {
		s.names = make(map[*event.Conn]*nameLists)
	}
	return s
}

func (s *summary) wants(kind event.Kinds) bool { return s.cfg.Want.Has(kind) }

// named are the names of a connection, nil where nobody wants them.
func (s *summary) named(c *event.Conn) *nameLists {
	if s.names == nil || c == nil {
		return nil
	}
	n := s.names[c]
	if n == nil {
		n = new(nameLists)
		s.names[c] = n
	}
	return n
}

func (s *summary) Request(r *event.Request) { s.correlate.Request(r) }

func (s *summary) Session(e *event.Session) { s.correlate.Session(e) }

func (s *summary) Cut(c *event.Abrupt) {
	for _, f := range s.correlate.Cut(c) {
		s.Finding(f)
	}
}

func (s *summary) NoConnect(e *event.NoConnect) { s.correlate.NoConnect(e) }

func (s *summary) Handshake(h *event.Handshake) {
	s.correlate.Handshake(h)
	s.ignore.handshake(h)
	s.copies.add(h)
	s.hosts.add(h)
	s.total.Handshakes[h.Verdict]++
	if s.wants(event.KindHandshake) {
		s.to.Handshake(h)
	}
	for _, f := range h.Findings {
		s.put(f)
	}
	s.rootsTold()
}

func (s *summary) Frame(f *event.Frame) {
	if s.wants(event.KindFrame) {
		s.to.Frame(f)
	}
}

func (s *summary) Message(m *event.Message) {
	if s.wants(event.KindMessage) {
		s.to.Message(m)
	}
}

func (s *summary) Connection(c *event.Connection) {
	s.ended(c.Conn)
	s.limit.over(c.Conn)
	s.ignore.over(c.Conn)
	for _, side := range c.Sides {
		s.total.Frames += side.Frames
		s.total.Messages += side.Messages
	}
	if c.WebSocket {
		s.total.WebSocket++
	}
	if n := s.names[c.Conn]; n != nil {
		c.Findings, c.Caveats = n.findings, n.caveats
		delete(s.names, c.Conn)
	}
	if s.wants(event.KindConnection) {
		s.to.Connection(c)
	}
}

// Closed forgets a connection that has no event.
func (s *summary) Closed(c *event.Conn) {
	s.ended(c)
	s.limit.over(c)
	s.ignore.over(c)
	delete(s.names, c)
}

func (s *summary) Finding(f *event.Finding) {
	if s.correlate.Finding(f) && !s.ignore.ignores(f) {
		s.put(f)
		s.rootsTold()
	}
}

func (s *summary) Caveat(c *event.Caveat) {
	s.total.Caveats[c.Name]++
	if n := s.named(c.Conn); n != nil {
		n.caveats = addOnce(n.caveats, c.Name)
	}
	if passes := s.limit.passesCaveat(c); passes && s.wants(event.KindCaveat) {
		s.to.Caveat(c)
	}
}

// More counts what was left out before the merge.
func (s *summary) More(m *merge.More) {
	if m.Caveat {
		s.total.Caveats[m.Name] += m.Count
	}
	for level, n := range m.Levels {
		s.total.Findings[level] += n
	}
	s.limit.more(m)
}

func addOnce(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

func (s *summary) Summary(*event.Summary) {}

// finish says what could not be read, and delivers the summary.
func (s *summary) finish(d *reader, workers []*worker) {
	d.totals.gather(d, workers)
	s.total.Files = d.src.Names()
	s.total.Dropped = s.drops.counted(s.cfg)
	s.conclude(&d.totals)
}

// conclude says what could not be read in the whole run, and delivers the summary.
func (s *summary) conclude(t *Totals) {
	s.total.Packets, s.total.Bytes, s.total.FirstTime, s.total.LastTime = t.Packets, t.Bytes, t.FirstTime, t.LastTime
	s.captureDrops(t)
	s.release(func(*event.Finding) bool { return true })
	s.limit.finish()
	s.ignore.finish(s.Caveat)
	s.copies.caveat(s)
	untold := s.quic(t)
	s.altServices(t)
	unread := decode.Services(t.Unread)
	s.total.Unread = unreadOf(unread)
	s.unread(t.Decoded)
	s.hiddenCaveats(unread)
	s.untoldCaveat(untold)
	s.cutCaveat(t.Decoded.Cut, t.SnapLength)
	s.relabelledCaveats(t.Decoded.Relabelled)
	s.total.Connections, s.total.TLS = t.Connections, t.TLS
	tcp := tcpTotals{octets: t.Octets, missing: t.Missing, jump: t.Jump, last: t.Last, evicted: t.Evicted,
		holes: t.Holes, windows: t.Windows, quic: t.QUICConnections.Dropped.Count}
	tcp.caveats(s)
	heard := spokenTotals{connections: t.Spoken, silent: t.Silent}
	heard.finish(s, t.Last)
	s.total.Hosts = s.hosts.list()
	if s.wants(event.KindSummary) {
		s.to.Summary(&s.total)
	}
}

// unread makes caveats of the packets that could not be read; each names the first of its kind.
func (s *summary) unread(c decode.Counts) {
	for _, row := range []struct {
		tally decode.Tally
		name  string
		what  string
	}{
		{c.Packets[decode.UnknownLink], "link-unknown", "of a link type that is not known"},
		{c.Packets[decode.Malformed], "packet-malformed", "with headers that contradict themselves"},
		{c.Packets[decode.Truncated], "packet-truncated", "cut by the snap length inside a header"},
		{c.Packets[decode.TooDeep], "nesting-too-deep", "with too many headers nested"},
		{c.Packets[decode.BadChecksum], "checksum-wrong", "with a wrong checksum, dropped"},
		{c.Overlapping, "fragments-overlap", "whose IP fragments overlap, not joined"},
		{c.Expired, "fragments-missing", "of which an IP fragment was not captured"},
		{c.Evicted, "fragments-limit", "whose IP fragments were dropped at a limit"},
	} {
		if row.tally.Count == 0 {
			continue
		}
		noun := "packets"
		if row.tally.Count == 1 {
			noun = "packet"
		}
		what := row.what
		if row.name == "link-unknown" {
			what += fmt.Sprintf(" (%d)", row.tally.Link)
		}
		s.Caveat(&event.Caveat{At: row.tally.First, Name: row.name, Text: fmt.Sprintf("%d %s %s, the first is packet %d", row.tally.Count, noun, what, row.tally.First.Number)})
	}
}
