package report

import (
	"fmt"
	"io"
	"slices"

	"wshake/analyze/event"
)

// overview prints a table of the handshakes as they come and, at the end, how their connections went on, the findings
// in words, the caveats and the totals.
type overview struct {
	output
	options     Options
	handshakes  table
	connections table
	more        uint64 // connections that are not listed
	findings    digest
	caveats     caveats
	totals      *event.Summary
	ended       bool
}

// connectionsListed is how many connections are listed behind the handshakes. Without handshakes all are.
const connectionsListed = learnt - 1

func newOverview(w io.Writer, o Options) *overview {
	v := &overview{output: newOutput(w, &o), options: o}
	v.handshakes = table{out: &v.output, columns: handshakeColumns(v.width)}
	v.connections = table{out: &v.output, columns: connectionColumns}
	return v
}

// roomy is the width from which the columns that matter most get room before there are more columns.
const roomy = 100

func handshakeColumns(width int) []column {
	precise, client, path, findings := len("15:04:05.000"), 21, 24, 22
	if width > 0 && width < roomy {
		precise, client, path, findings = len("15:04:05"), 15, 14, 14
	}
	return []column{
		{title: "conn", least: 4, most: 12, rank: 6, cut: fit},
		{title: "time UTC", least: precise, most: precise, rank: 5, cut: func(s string, n int) string { return s[:min(n, len(s))] }},
		{title: "client", least: client, most: 47, rank: 2, cut: fitEnd},
		{title: "server", least: 15, most: 47, rank: 7, cut: fitEnd},
		{title: "host and path", least: path, most: 60, rank: 3, cut: fit},
		{title: "answer", least: 15, most: 17, rank: 1, cut: fit},
		{title: "key/accept", least: 10, most: 10, rank: 8, cut: fit},
		{title: "protocol", least: 8, most: 24, rank: 10, cut: fit},
		{title: "extensions", least: 10, most: 24, rank: 9, cut: fit},
		{title: "findings", least: findings, most: 40, rank: 4, cut: fit},
	}
}

func (v *overview) Handshake(h *event.Handshake) {
	if !v.options.shows(event.KindHandshake) {
		return
	}
	key, keyTint := keyAccept(h)
	found, foundTint := worst(h.Findings)
	v.handshakes.row([]cell{
		{text: h.Conn.String()},
		{text: clock(h.At.Time)},
		{text: h.Conn.Peer[event.Client].String()},
		{text: h.Conn.Peer[event.Server].String()},
		{text: target(h.Request)},
		{text: answer(h), tint: verdictTint(h.Verdict)},
		{text: key, tint: keyTint},
		{text: h.Protocol.Value},
		{text: extensionNames(h)},
		{text: found, tint: foundTint},
	})
}

// worst names the gravest finding and counts the others.
func worst(found []*event.Finding) (string, tint) {
	if len(found) == 0 {
		return "", plain
	}
	w := slices.MaxFunc(found, func(a, b *event.Finding) int { return rank(a) - rank(b) })
	if len(found) == 1 {
		return w.Name, levelTint(w.Level)
	}
	return fmt.Sprintf("%s +%d", w.Name, len(found)-1), levelTint(w.Level)
}

var connectionColumns = []column{
	{title: "conn", least: 4, most: 12, rank: 2, cut: fit},
	{title: "client", least: 15, most: 47, rank: 1, cut: fitEnd},
	{title: "server", least: 15, most: 47, rank: 5, cut: fitEnd},
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
	if c.Omitted != nil {
		v.findings.omit(c.Omitted)
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
	v.handshakes.settleEarly()
	if !v.options.shows(event.KindHandshake) {
		v.connections.settleEarly()
	}
	return v.write()
}

func (v *overview) Flush() error {
	v.end()
	return v.write()
}

// end prints what waits for the end, once.
func (v *overview) end() {
	if v.ended {
		return
	}
	v.ended = true
	v.handshakes.settle()
	if len(v.connections.held) > 0 {
		v.section()
		v.connections.settle()
	}
	if v.more > 0 {
		v.paragraph(paragraph{text: fmt.Sprintf("… and %s: --show connections lists them all", count(v.more, "more connection"))})
	}
	v.findings.print(&v.output)
	v.caveats.print(&v.output)
	if v.totals != nil {
		v.section()
		v.phrases(totals(v.totals))
		if text := nothingFound(v.totals); text != "" {
			v.paragraph(paragraph{text: text})
		}
	}
}
