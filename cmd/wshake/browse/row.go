package browse

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gdamore/tcell/v2"

	"wshake/analyze/event"
	"wshake/analyze/report"
)

// row is an upgrade attempt in the list. Its texts are sanitised.
type row struct {
	conn    string
	target  Target
	time    int64 // ns since the epoch
	packet  uint64
	verdict event.Verdict
	answer  string
	where   string // host and path
	client  string
	finding string
}

// Target names a conversation.
type Target struct {
	Conn   uint64
	Stream event.Opt[uint64]
}

// targetMost bounds what is kept of a host and path, octets.
const targetMost = 512

func newRow(h *event.Handshake) row {
	r := row{conn: h.Conn.String(), target: Target{h.Conn.Ordinal, h.Conn.Stream}, time: h.At.Time, packet: h.At.Number, verdict: h.Verdict,
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
	if n := len(h.Findings); n > 0 {
		worst := h.Findings[0]
		for _, f := range h.Findings {
			if f.Level > worst.Level {
				worst = f
			}
		}
		r.finding = worst.Name
		if n > 1 {
			r.finding += fmt.Sprintf(" +%d", n-1)
		}
	}
	return r
}

// text is the row as it is drawn, searched and copied.
func (r *row) text(start int64) string {
	when := "-"
	if r.time != event.NoTime {
		when = fmt.Sprintf("%.3f", float64(r.time-start)/1e9)
	}
	return fmt.Sprintf("%-8s %10s  %-16s  %-40s  %-30s  %s", r.conn, when, r.answer, r.where, r.finding, r.client)
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

const listHead = "conn           time  answer            host and path                             findings                        client"
