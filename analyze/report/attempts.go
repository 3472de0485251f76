package report

import (
	"fmt"
	"slices"
	"strconv"

	"wshake/analyze/event"
)

// attempts is the table of upgrade attempts. The two legs of a proxy are one row where the first of them still waits
// to be printed.
type attempts struct {
	table
	timer
	waiting []*attempt // in their order, the newest last
	date    int64      // a time of the day that was told last, ns since the epoch; 0 before the first
	dated   bool       // the column of times shows dates
	spans   bool       // the rows that widths are learnt from are of several days: the first day is shown, too
	counted *counter   // nil where every row is printed
}

// attempt is a row. Its texts are wire text, not yet sanitised.
type attempt struct {
	conn           string // both where it is of two legs
	leg            Leg
	at             int64
	latency        int64 // ns, negative where not known
	client, server string
	target         string
	answer         string
	status         int
	verdict        event.Verdict
	key            string
	keyTint        tint
	protocol       string
	extensions     string
	worst          *event.Finding // nil where nothing was found
	found          int            // findings
	joined         bool           // both legs are in it
}

// window is how many attempts wait for their other leg behind the rows that widths are learnt from.
const window = 32

func newAttempt(h *event.Handshake) *attempt {
	a := &attempt{conn: h.Conn.String(), leg: LegOf(h), at: h.At.Time, latency: -1,
		client: h.Conn.Peer[event.Client].String(), server: h.Conn.Peer[event.Server].String(),
		target: target(h.Request), answer: answer(h), verdict: h.Verdict, protocol: h.Protocol.Value, extensions: extensionNames(h), found: len(h.Findings)}
	a.key, a.keyTint = keyAccept(h)
	if latency, known := h.Latency(); known {
		a.latency = latency
	}
	if h.Response != nil {
		a.status = h.Response.Status
	}
	if len(h.Findings) > 0 {
		a.worst = slices.MaxFunc(h.Findings, func(a, b *event.Finding) int { return rank(a) - rank(b) })
	}
	return a
}

// join makes one row of the leg toward the client and the leg toward the server.
func join(front, back *attempt) *attempt {
	a := *front
	a.joined = true
	a.conn += "→" + back.conn
	a.server += " → " + back.server
	if front.status != back.status && back.answer != "" {
		a.answer += " (" + strconv.Itoa(back.status) + ")"
		if back.status == 0 {
			a.answer = front.answer + " (" + back.answer + ")"
		}
	}
	if a.key == "" || a.key == "valid" && back.key != "" {
		a.key, a.keyTint = back.key, back.keyTint
	}
	a.found += back.found
	if back.worst != nil && (a.worst == nil || rank(back.worst) > rank(a.worst)) {
		a.worst = back.worst
	}
	return &a
}

// worstFinding names the gravest finding and counts the others.
func (a *attempt) worstFinding() (string, tint) {
	switch {
	case a.worst == nil:
		return "", plain
	case a.found == 1:
		return a.worst.Name, levelTint(a.worst.Level)
	}
	return fmt.Sprintf("%s +%d", a.worst.Name, a.found-1), levelTint(a.worst.Level)
}

// tint is the colour of an answer.
func (a *attempt) tint() tint {
	if a.verdict == event.Refused && a.status >= 500 {
		return bad
	}
	return verdictTint(a.verdict)
}

// add takes an attempt.
func (t *attempts) add(h *event.Handshake) {
	a := newAttempt(h)
	if t.counted != nil {
		t.counted.add(a)
	}
	if a.leg.Other != "" {
		for i, w := range slices.Backward(t.waiting) {
			if w.joined || !w.leg.Beside(a.leg) {
				continue
			}
			if t.counted != nil {
				t.counted.join(w, a)
			}
			// The row takes the place of the later leg.
			both := join(w, a)
			if a.leg.Front() {
				both = join(a, w)
			}
			t.waiting = append(slices.Delete(t.waiting, i, i+1), both)
			return
		}
	}
	t.waiting = append(t.waiting, a)
	limit := t.patience()
	if len(t.waiting) <= limit {
		return
	}
	if t.counted != nil && !t.counted.many {
		t.counted.many = true
		t.print(t.waiting[:listedOfMany])
		t.settle()
		t.waiting = nil
		return
	}
	if t.counted != nil {
		t.waiting = slices.Delete(t.waiting, 0, 1) // it is counted
		return
	}
	if t.widths == nil {
		t.print(t.waiting[:learnt])
		t.waiting = slices.Delete(t.waiting, 0, learnt)
		return
	}
	t.print(t.waiting[:1])
	t.waiting = slices.Delete(t.waiting, 0, 1)
}

// patience is how many attempts may wait.
func (t *attempts) patience() int {
	switch {
	case t.counted != nil && !t.counted.many:
		return listed
	case t.widths == nil && t.counted == nil:
		return learnt - 1
	}
	return window
}

// print gives attempts to the table.
func (t *attempts) print(rows []*attempt) {
	if t.widths == nil && len(rows) > 0 {
		first, last := rows[0].at, rows[len(rows)-1].at
		t.spans = first != event.NoTime && last != event.NoTime && !sameDay(first, last)
		if t.spans && t.clock == Absolute && (t.out.width == 0 || t.out.width >= roomy) {
			t.dated = true
			t.columns = slices.Clone(t.columns)
			t.columns[1].least, t.columns[1].most = len("2006-01-02 15:04:05"), len("2006-01-02 15:04:05.000")
		}
	}
	for _, a := range rows {
		t.newDay(a)
		t.row(t.cells(a))
	}
}

// newDay tells a date that is new, where rows show none.
func (t *attempts) newDay(a *attempt) {
	if t.dated || a.at == event.NoTime {
		return
	}
	if t.date == 0 && t.spans || t.date != 0 && !sameDay(t.date, a.at) {
		t.between(day(a.at))
	}
	t.date = a.at
}

func (t *attempts) cells(a *attempt) []cell {
	when := t.brief(a.at)
	if t.dated && a.at != event.NoTime {
		when = day(a.at) + " " + when
	}
	latency := ""
	if a.latency >= 0 {
		latency = span(a.latency)
	}
	found, foundTint := a.worstFinding()
	return []cell{
		{text: a.conn},
		{text: when},
		{text: a.client},
		{text: a.server},
		{text: a.target},
		{text: a.answer, tint: a.tint()},
		{text: latency},
		{text: a.key, tint: a.keyTint},
		{text: a.protocol},
		{text: a.extensions},
		{text: found, tint: foundTint},
	}
}

// pause prints what waits: a live capture calls it when no packet waits.
func (t *attempts) pause() {
	t.print(t.waiting)
	t.waiting = t.waiting[:0]
	t.settleEarly()
}

// end prints what is left.
func (t *attempts) end() {
	if t.counted == nil || !t.counted.many {
		t.print(t.waiting)
	}
	t.waiting = nil
	t.settle()
	if t.counted != nil && t.counted.many {
		t.counted.print(t.out)
	}
}
