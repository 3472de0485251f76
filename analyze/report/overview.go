package report

import (
	"cmp"
	"fmt"
	"io"

	"wshake/analyze/event"
)

// overview prints a table of the handshakes as they come and, at the end, how their connections went on, the findings
// in words, the caveats and the totals.
type overview struct {
	output
	options     Options
	handshakes  attempts
	connections table
	more        uint64 // connections that are not listed
	findings    digest
	caveats     caveats
	totals      *event.Summary
	selected    bool // a handshake was printed
	ended       bool
}

// connectionsListed is how many connections are listed behind the handshakes. Without handshakes all are.
const connectionsListed = learnt - 1

func newOverview(w io.Writer, o Options) *overview {
	v := &overview{output: newOutput(w, &o), options: o}
	v.handshakes = attempts{table: table{out: &v.output, columns: handshakeColumns(&o, v.width)}, timer: newTimer(&o)}
	if o.Count {
		v.handshakes.counted = new(counter)
	}
	v.connections = table{out: &v.output, columns: connectionColumns}
	v.findings.all = o.All
	return v
}

// roomy is the width from which the columns that matter most get room before there are more columns.
const roomy = 100

func handshakeColumns(o *Options, width int) []column {
	title, precise, path, findings := "time", len("99999.000"), 24, 22
	if o.Clock == Absolute {
		title, precise = "time UTC", len("15:04:05.000")
	}
	if width > 0 && width < roomy {
		path, findings = 20, 14
		if o.Clock == Absolute {
			precise = len("15:04:05")
		}
	}
	return []column{
		{title: "conn", least: 5, most: 16, whole: true, rank: 1, cut: fitConn},
		{title: title, least: precise, most: max(precise, 14), rank: 4, cut: fitTime},
		{title: "client", least: 15, most: 47, rank: 10, cut: fitAddress},
		{title: "server", least: 15, most: 60, rank: 6, cut: fitAddress},
		{title: "host and path", least: path, most: 60, rank: 2, cut: fit},
		{title: "answer", least: 17, most: 24, rank: 0, cut: fit},
		{title: "latency", least: 8, most: 10, rank: 5, cut: fit},
		{title: "key/accept", least: 10, most: 10, rank: 7, cut: fit},
		{title: "protocol", least: 8, most: 24, rank: 9, cut: fit},
		{title: "extensions", least: 10, most: 24, rank: 8, cut: fit},
		{title: "findings", least: findings, most: 40, rank: 3, cut: fit},
	}
}

func (v *overview) Handshake(h *event.Handshake) {
	if v.options.shows(event.KindHandshake) {
		v.selected = true
		v.handshakes.add(h)
	}
}

var connectionColumns = []column{
	{title: "conn", least: 4, most: 12, rank: 2, cut: fit},
	{title: "client", least: 15, most: 47, rank: 1, cut: fitAddress},
	{title: "server", least: 15, most: 47, rank: 5, cut: fitAddress},
	{title: "lasted", least: 8, most: 14, rank: 4, cut: fit},
	{title: "client sent", least: 15, most: 40, rank: 3, cut: fit},
	{title: "server sent", least: 15, most: 40, rank: 3, cut: fit},
	{title: "ended", least: 19, most: 80, rank: 2, cut: fit},
}

func (v *overview) Connection(e *event.Connection) {
	if !v.options.shows(event.KindConnection) {
		return
	}
	if v.options.shows(event.KindHandshake) && len(v.connections.held) == connectionsListed {
		v.more++
		return
	}
	v.connections.row([]cell{
		{text: e.Conn.String()},
		{text: e.Conn.Peer[event.Client].String()},
		{text: e.Conn.Peer[event.Server].String()},
		{text: span(e.Duration)},
		{text: sent(&e.Sides[event.Client])},
		{text: sent(&e.Sides[event.Server])},
		{text: ending(e)},
	})
}

func (v *overview) Frame(*event.Frame)     {}
func (v *overview) Message(*event.Message) {}

func (v *overview) Finding(f *event.Finding) {
	if v.options.shows(event.KindFinding) {
		v.findings.add(f, v.options.place(&f.At))
	}
}

func (v *overview) Caveat(c *event.Caveat) {
	if c.Omitted != nil && c.Name == "findings-omitted" {
		v.findings.omit(c.Omitted)
	}
	if c.Omitted != nil && v.caveats.omit(c) {
		return
	}
	if v.options.shows(event.KindCaveat) {
		v.caveats.add(c, v.options.place(&c.At))
	}
}

func (v *overview) Summary(s *event.Summary) {
	if v.options.shows(event.KindSummary) {
		v.totals = s
	}
	v.end()
}

// Pause prints the rows held until now; what comes later keeps to their widths.
func (v *overview) Pause() error {
	v.handshakes.pause()
	if !v.options.shows(event.KindHandshake) {
		v.connections.settleEarly()
	}
	return v.write()
}

func (v *overview) Flush() error {
	v.end()
	return v.write()
}

// selection is how a user asked for some events only.
func selection(o *Options) string { return Sanitise(cmp.Or(o.Selection, "--where")) }

// inAll says that the totals are not those of what was selected.
func (v *overview) inAll() {
	by := selection(&v.options)
	text := "Only what fits " + by + " is shown. In all there were:"
	if !v.selected {
		text = "No handshake fits " + by + ". In all there were:"
	}
	v.section()
	v.paragraph(paragraph{text: text})
}

// end prints what waits for the end, once.
func (v *overview) end() {
	if v.ended {
		return
	}
	v.ended = true
	v.handshakes.end()
	if len(v.connections.held) > 0 {
		v.section()
		v.connections.settle()
	}
	if v.more > 0 {
		v.paragraph(paragraph{text: fmt.Sprintf("… and %s: --show connections lists them all", count(v.more, "more connection"))})
	}
	v.findings.settle()
	if v.totals != nil {
		v.findings.cost(v.totals.Hosts)
	}
	v.findings.print(&v.output)
	v.caveats.print(&v.output)
	if v.totals != nil {
		if !v.options.Selected {
			printHosts(&v.output, v.totals.Hosts, v.options.All)
		} else if v.options.shows(event.KindHandshake) && sum(v.totals.Handshakes[:]) > 0 {
			v.inAll()
		}
		v.section()
		v.phrases(totals(v.totals))
		if text := NothingFound(v.totals); text != "" {
			v.paragraph(paragraph{text: text})
		}
	}
}
