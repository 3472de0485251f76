package report

import (
	"slices"
	"strings"
)

// column is one column of a table. Widths are in columns of the terminal.
type column struct {
	title    string
	least    int  // what it needs to be of use; narrower content needs less
	most     int  // what it gets at most
	whole    bool // it is never cut where there is room for it at all
	optional bool // it is left out where nothing stands in it
	rank     int  // where there is no room for all, the highest ranks are left out
	cut      func(s string, n int) string
}

// cell is what stands in a column: wire text, not yet sanitised, or words of ours.
type cell struct {
	text string
	tint tint
}

// learnt is how many rows the widths of a table are learnt from.
const learnt = 200

const (
	gutter  = "  "
	nothing = "-"
)

// table prints rows under columns whose widths are fixed when the first rows are known.
type table struct {
	out     *output
	columns []column
	held    [][]cell
	widths  []int // by column, 0 where it is left out; nil until settled
	scratch []cell
}

// row gathers a row. It keeps nothing of cells.
func (t *table) row(cells []cell) {
	t.scratch = t.scratch[:0]
	for i, c := range cells {
		if c.text == "" && i < len(cells)-1 {
			c.text = nothing
		}
		c.text = t.columns[i].cut(Sanitise(ahead(c.text, t.columns[i].most)), t.columns[i].most)
		t.scratch = append(t.scratch, c)
	}
	if t.widths != nil {
		t.write(t.scratch)
		return
	}
	if t.held = append(t.held, slices.Clone(t.scratch)); len(t.held) == learnt {
		t.settle()
	}
}

// between gathers a line that stands between rows.
func (t *table) between(text string) {
	line := []cell{{text: text, tint: faint}}
	if t.widths != nil {
		t.write(line)
		return
	}
	t.held = append(t.held, line)
}

func isBetween(cells []cell) bool { return len(cells) == 1 }

// settle fixes the widths and prints the head and the rows held until now. A table without rows prints nothing.
func (t *table) settle() { t.settleFor(t.wanted()) }

// earlyWhole is what a column that is never cut gets while few rows are known: room for two numbers of four digits.
const earlyWhole = len("1234>1239")

// settleEarly is settle where few rows were seen and many may come: on a terminal the columns share all there is.
func (t *table) settleEarly() {
	want := t.wanted()
	for i, c := range t.columns {
		switch {
		case t.out.width == 0:
		case c.whole:
			want[i] = max(want[i], earlyWhole)
		default:
			want[i] = c.most
		}
	}
	t.settleFor(want)
}

func (t *table) settleFor(want []int) {
	if t.widths != nil || len(t.held) == 0 {
		return
	}
	t.widths = widths(t.columns, want, t.out.width)
	titles := make([]cell, len(t.columns))
	for i, c := range t.columns {
		titles[i] = cell{c.title, faint}
	}
	plainRows := slices.IndexFunc(t.held, isBetween)
	if plainRows < 0 {
		plainRows = len(t.held)
	}
	t.block(titles, t.held[:plainRows])
	for _, cells := range t.held[plainRows:] {
		t.write(cells)
	}
	t.held = nil
}

// wanted is the width of the widest cell by column.
func (t *table) wanted() []int {
	want := make([]int, len(t.columns))
	for i, c := range t.columns {
		empty := true
		want[i] = columns(c.title)
		for _, row := range t.held {
			if isBetween(row) {
				continue
			}
			want[i] = max(want[i], columns(row[i].text))
			empty = empty && (row[i].text == "" || row[i].text == nothing)
		}
		if c.optional && empty {
			want[i] = 0
		}
	}
	return want
}

// widths deals total columns out: to every column what it needs, then one by one what it wants. Those for which there
// is no room get 0. With total 0 each gets what it wants.
func widths(cols []column, want []int, total int) []int {
	if total == 0 {
		return want
	}
	got := make([]int, len(cols))
	left := total + len(gutter)
	for i, c := range cols {
		got[i] = min(c.least, want[i])
		if c.whole {
			got[i] = want[i]
		}
		if got[i] > 0 {
			left -= got[i] + len(gutter)
		}
	}
	for left < 0 {
		out, remain := -1, 0
		for i, c := range cols {
			if got[i] == 0 {
				continue
			}
			if remain++; out < 0 || c.rank > cols[out].rank {
				out = i
			}
		}
		if remain == 1 {
			got[out] = total
			break
		}
		left += got[out] + len(gutter)
		got[out] = 0
	}
	for dealt := true; dealt && left > 0; {
		dealt = false
		for i := range cols {
			if left > 0 && got[i] > 0 && got[i] < want[i] {
				got[i]++
				left--
				dealt = true
			}
		}
	}
	return got
}

// shown is the text of a cell cut to its column. A table that is not on a terminal lets later rows be wider than those
// the widths were learnt from.
func (t *table) shown(i int, c cell) string {
	if t.out.width == 0 {
		return c.text
	}
	return t.columns[i].cut(c.text, t.widths[i])
}

// write prints a row as block does.
func (t *table) write(cells []cell) {
	b := t.out.buf
	if isBetween(cells) {
		t.out.keep(append(t.out.paint(b, cells[0].tint, cells[0].text), '\n'))
		return
	}
	owed := 0 // blanks before the next cell
	for i, c := range cells {
		if t.widths[i] == 0 {
			continue
		}
		text := t.shown(i, c)
		if text != "" {
			b = append(b, strings.Repeat(" ", owed)...)
			b = t.out.paint(b, c.tint, text)
			owed = 0
		}
		owed += max(t.widths[i]-columns(text), 0) + len(gutter)
	}
	t.out.keep(append(b, '\n'))
}
