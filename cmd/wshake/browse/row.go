package browse

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gdamore/tcell/v2"

	"wshake/analyze/event"
	"wshake/analyze/report"
)

// row is an upgrade attempt in the list. Its texts are sanitised.
type row struct {
	conn    string
	targets []Target // one, or both legs of a proxy, the client's first
	time    int64    // ns since the epoch
	packet  uint64
	verdict event.Verdict
	answer  string
	where   string // host and path
	client  string
	worst   event.Level
	finding string // the worst
	found   int
}

// Target names a conversation.
type Target struct {
	Conn   uint64
	Stream event.Opt[uint64]
}

// targetMost bounds what is kept of a host and path, octets.
const targetMost = 512

func newRow(h *event.Handshake) row {
	r := row{conn: h.Conn.String(), targets: []Target{{h.Conn.Ordinal, h.Conn.Stream}}, time: h.At.Time, packet: h.At.Number, verdict: h.Verdict,
		answer: h.Verdict.String(), client: h.Conn.Peer[event.Client].String()}
	if h.Response != nil && h.Response.Status != 0 {
		r.answer = strconv.Itoa(h.Response.Status) + " " + r.answer
	}
	if q := h.Request; q != nil {
		where := q.Target
		if strings.HasPrefix(where, "/") {
			where = q.Authority() + where
		}
		r.where = report.Sanitise(where[:min(len(where), targetMost)])
	}
	for _, f := range h.Findings {
		if r.found++; r.finding == "" || f.Level > r.worst {
			r.worst, r.finding = f.Level, f.Name
		}
	}
	return r
}

// joined makes one row of the leg toward the client and the one toward the server.
func joined(front, back row) row {
	r := front
	r.conn += "→" + back.conn
	r.targets = slices.Concat(front.targets, back.targets)
	if front.answer != back.answer {
		r.answer += " (" + back.answer + ")"
	}
	if r.found += back.found; r.finding == "" || back.finding != "" && back.worst > front.worst {
		r.worst, r.finding = back.worst, back.finding
	}
	return r
}

// text is the row as it is searched and copied, with nothing cut.
func (r *row) text(when string) string {
	return strings.Join([]string{r.conn, when, r.answer, r.where, r.findings(), r.client}, "  ")
}

// findings names the worst and counts the others.
func (r *row) findings() string {
	if r.found > 1 {
		return fmt.Sprintf("%s +%d", r.finding, r.found-1)
	}
	return r.finding
}

// when is the time of a row. began tells the time of the capture's first packet.
func (r *row) when(clock report.Clock, began func() (int64, bool)) string {
	start, known := began()
	switch {
	case r.time == event.NoTime || clock == report.Relative && !known:
		return "-"
	case clock == report.Absolute:
		return time.Unix(0, r.time).UTC().Format(time.DateTime)
	}
	return fmt.Sprintf("%.3f", float64(r.time-start)/1e9)
}

func (r *row) style() tcell.Style {
	switch r.verdict {
	case event.Established:
		return tcell.StyleDefault.Foreground(tcell.ColorGreen)
	case event.Invalid:
		return tcell.StyleDefault.Foreground(tcell.ColorRed)
	case event.Refused, event.Incomplete:
		return tcell.StyleDefault.Foreground(tcell.ColorYellow)
	}
	return tcell.StyleDefault
}
