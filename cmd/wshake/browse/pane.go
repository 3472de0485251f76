package browse

import (
	"sort"
	"strings"

	"github.com/gdamore/tcell/v2"
)

// pane is a list of lines with a cursor. Lines are made when they are drawn.
type pane struct {
	title  string
	head   func(width int) string // above the lines, nil for none
	count  func() int
	line   func(i int) (string, tcell.Style)
	drawn  func(i, width int) string // a line as it fits the screen, nil: the line itself
	packet func(i int) uint64        // that a line is about, ascending; nil where there is none
	open   func(i int)               // nil where lines cannot be opened
	text   func(i int) string        // what is searched, nil: the line
	whole  func(i int) string        // what copying a line takes, nil: the line

	cursor, top, left int
	sought            string
}

// move moves the cursor within the lines.
func (p *pane) move(by int) { p.at(p.cursor + by) }

func (p *pane) at(i int) { p.cursor = max(0, min(i, p.count()-1)) }

// seen keeps the cursor on a screen of so many lines.
func (p *pane) seen(height int) {
	p.at(p.cursor)
	p.top = max(0, min(p.top, p.cursor))
	if p.cursor >= p.top+height {
		p.top = p.cursor - height + 1
	}
}

// find moves to the next line with the text that is sought, by +1 or -1, around the end. It says whether there is one.
func (p *pane) find(by int) bool {
	n := p.count()
	sought := strings.ToLower(p.sought)
	for step := 1; step <= n; step++ {
		i := ((p.cursor+by*step)%n + n) % n
		if strings.Contains(strings.ToLower(p.searched(i)), sought) {
			p.cursor = i
			return true
		}
	}
	return false
}

func (p *pane) searched(i int) string {
	if p.text != nil {
		return p.text(i)
	}
	text, _ := p.line(i)
	return text
}

// jump moves to the first line about a packet or one behind it.
func (p *pane) jump(packet uint64) bool {
	if p.packet == nil || p.count() == 0 {
		return false
	}
	p.at(sort.Search(p.count(), func(i int) bool { return p.packet(i) >= packet }))
	return true
}

// copied is the text of the line under the cursor.
func (p *pane) copied() string {
	if p.count() == 0 {
		return ""
	}
	if p.whole != nil {
		return p.whole(p.cursor)
	}
	text, _ := p.line(p.cursor)
	return text
}
