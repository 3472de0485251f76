package analyze

import (
	"fmt"

	"wshake/analyze/correlate"
	"wshake/analyze/event"
	"wshake/reassembly/decode"
)

// accountant stands between the merged events and who reads them: it passes on what is wanted, takes findings out of
// handshakes into events of their own, and sums up.
type accountant struct {
	cfg       *Config
	to        event.Receiver
	summary   event.Summary
	correlate *correlate.Correlator
	losing    losing
}

func newAccountant(cfg *Config, to event.Receiver) *accountant {
	a := &accountant{cfg: cfg, to: to}
	a.summary.Caveats = make(map[string]uint64)
	a.correlate = correlate.New(cfg.Checks, cfg.Policy)
	return a
}

func (a *accountant) wants(w event.Kinds) bool { return a.cfg.Want&w != 0 }

func (a *accountant) Request(r *event.Request) { a.correlate.Request(r) }

func (a *accountant) Handshake(h *event.Handshake) {
	a.correlate.Handshake(h)
	a.summary.Handshakes[h.Verdict]++
	if a.wants(event.KindHandshake) {
		a.to.Handshake(h)
	}
	for _, f := range h.Findings {
		a.Finding(f)
	}
}

func (a *accountant) Frame(f *event.Frame) {
	if a.wants(event.KindFrame) {
		a.to.Frame(f)
	}
}

func (a *accountant) Message(m *event.Message) {
	if a.wants(event.KindMessage) {
		a.to.Message(m)
	}
}

func (a *accountant) Connection(c *event.Connection) {
	for _, s := range c.Sides {
		a.summary.Frames += s.Frames
		a.summary.Messages += s.Messages
	}
	if c.WebSocket {
		a.summary.WebSocket++
	}
	a.correlate.Connection(c)
	if a.wants(event.KindConnection) {
		a.to.Connection(c)
	}
}

func (a *accountant) Finding(f *event.Finding) {
	a.summary.Findings[f.Level]++
	if a.wants(event.KindFinding) {
		a.to.Finding(f)
	}
}

func (a *accountant) Caveat(c *event.Caveat) {
	a.summary.Caveats[c.Name]++
	if a.wants(event.KindCaveat) {
		a.to.Caveat(c)
	}
}

func (a *accountant) Summary(*event.Summary) {}

// finish says what the decoder could not read, and delivers the summary.
func (a *accountant) finish(names []string, d *reader, workers []*worker) {
	a.summary.Files = names
	a.summary.Dropped = a.losing.counted(a.cfg)
	a.unread(d.decoder.Counts())
	for _, w := range workers {
		for _, p := range w.partitions {
			if p != nil {
				a.summary.Connections += p.table.Stats().Connections
				a.summary.TLS.Decrypted += p.decrypted
				a.summary.TLS.Undecrypted += p.undecrypted
			}
		}
	}
	if a.wants(event.KindSummary) {
		a.to.Summary(&a.summary)
	}
}

// unread makes caveats of the packets that could not be read; each names the first of its kind.
func (a *accountant) unread(c decode.Counts) {
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
		a.Caveat(&event.Caveat{At: row.tally.First, Name: row.name, Text: fmt.Sprintf("%d %s %s, the first is packet %d", row.tally.Count, noun, what, row.tally.First.Number)})
	}
}
