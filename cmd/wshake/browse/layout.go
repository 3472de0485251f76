package browse

import (
	"strings"

	"github.com/clipperhouse/displaywidth"
)

// layout is how wide the columns of the list are, 0 for one that is left out.
type layout struct {
	conn, when, answer, where, finding, client int

	longest int // host and path
}

// What columns need to be of use, and where more is of none.
const (
	connLeast, connMost       = 4, 24
	answerLeast, answerMost   = 15, 26
	whereLeast, clientWidth   = 24, 21
	findingLeast, findingMost = 14, 32
	relativeWhen, datedWhen   = 10, len("2006-01-02 15:04:05")
	columnsBetween            = 2
)

// fitted deals the columns of a terminal out: the client is left out first, then the finding.
func (l layout) fitted(width int) layout {
	rest := width - l.conn - l.when - l.answer - 3*columnsBetween
	if more := columnsBetween + clientWidth; rest-more >= whereLeast+columnsBetween+findingLeast+8 {
		l.client = clientWidth
		rest -= more
	}
	if more := columnsBetween + findingLeast; rest-more >= whereLeast*3/4 {
		l.finding = min(max(rest*2/5, findingLeast), findingMost)
		rest -= columnsBetween + l.finding
	}
	l.where = max(min(rest, max(l.longest, whereLeast)), 1)
	return l
}

// line writes a row, each cell where its column begins.
func (l layout) line(conn, when, answer, where, finding, client string) string {
	var b strings.Builder
	add := func(text string, width int) {
		if width == 0 {
			return
		}
		if b.Len() > 0 {
			b.WriteString(strings.Repeat(" ", columnsBetween))
		}
		text = displaywidth.TruncateString(text, width, "…")
		b.WriteString(text + strings.Repeat(" ", max(width-displaywidth.String(text), 0)))
	}
	add(conn, l.conn)
	add(strings.Repeat(" ", max(l.when-displaywidth.String(when), 0))+when, l.when)
	add(answer, l.answer)
	add(where, l.where)
	add(finding, l.finding)
	add(client, l.client)
	return strings.TrimRight(b.String(), " ")
}

// head is what stands above the list.
func (l layout) head() string {
	return l.line("conn", "time", "answer", "host and path", "findings", "client")
}

// learn makes room for a row.
func (l *layout) learn(r *row) {
	l.conn = min(max(l.conn, displaywidth.String(r.conn), connLeast), connMost)
	l.answer = min(max(l.answer, displaywidth.String(r.answer), answerLeast), answerMost)
	l.longest = max(l.longest, displaywidth.String(r.where))
}

// footer is as many of the keys as fit, the way to all of them first.
func footer(width int) string {
	line := "? keys"
	for _, key := range []string{"q back", "Enter open", "/ search", "f filter", ": packet", "t transcript", "y copy"} {
		if displaywidth.String(line+"  "+key) > width {
			break
		}
		line += "  " + key
	}
	return line
}
