package browse

import (
	"strings"
	"testing"

	"github.com/clipperhouse/displaywidth"
)

// At any width the columns of all rows begin in the same places, and nothing is wider than the screen.
func TestColumnsFit(t *testing.T) {
	rows := []row{
		{conn: "1", answer: "101 established", where: "a/", client: "10.0.0.1:1"},
		{conn: "10001→10002", answer: "502 refused (400 refused)", where: strings.Repeat("世", 80),
			finding: strings.Repeat("x", 40),
			found:   2, client: "[2001:db8:1:2:3:4:5:6]:65535"},
	}
	for width := 40; width <= 220; width++ {
		l := layout{conn: connLeast, answer: answerLeast, when: relativeWhen}
		for i := range rows {
			l.learn(&rows[i])
		}
		l = l.fitted(width)
		answers := strings.Index(l.head(), "answer")
		for i := range rows {
			r := &rows[i]
			line := l.line(r.conn, "5.000", r.answer, r.where, r.findings(), r.client)
			before, _, found := strings.Cut(line, r.answer[:3])
			if !found || displaywidth.String(before) != answers || displaywidth.String(line) > max(width, 62) {
				t.Errorf("width %d, answers from %d on: %q", width, answers, line)
			}
		}
		if shown := l.finding > 0; shown != strings.Contains(l.head(), "findings") || width >= 92 && !shown {
			t.Errorf("width %d: %q", width, l.head())
		}
		if displaywidth.String(footer(width)) > width {
			t.Errorf("width %d: %q", width, footer(width))
		}
	}
}
