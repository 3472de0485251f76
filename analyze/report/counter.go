package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// counter puts attempts together by host, path and answer, for captures that have thousands.
type counter struct {
	many   bool // there are more than are listed
	all    uint64
	byKind map[string]*attemptKind
	others uint64 // attempts whose kinds are not told apart
}

// attemptKind is what attempts have in common.
type attemptKind struct {
	answer, target string
	tint           tint
	count          uint64
	first          string // connection
}

const (
	// listed is how many attempts are listed. Of more the first few are, and all are counted.
	listed = 1000
	// listedOfMany are those few.
	listedOfMany = 20
	// kindsKept bounds the kinds that are told apart, kindsShown those that are printed.
	kindsKept, kindsShown = 4096, 20
)

func (c *counter) kind(a *attempt) string {
	path, _, _ := strings.Cut(a.target, "?")
	return a.answer + "\x00" + ahead(path, 60)
}

func (c *counter) add(a *attempt) {
	c.all++
	key := c.kind(a)
	k := c.byKind[key]
	if k == nil {
		if len(c.byKind) == kindsKept {
			c.others++
			return
		}
		if c.byKind == nil {
			c.byKind = make(map[string]*attemptKind)
		}
		path, _, _ := strings.Cut(a.target, "?")
		k = &attemptKind{answer: a.answer, target: path, tint: a.tint(), first: a.conn}
		c.byKind[key] = k
	}
	k.count++
}

// join counts two legs once: as the leg toward the client.
func (c *counter) join(a, b *attempt) {
	back := a
	if !b.leg.Front() {
		back = b
	}
	c.all--
	if k := c.byKind[c.kind(back)]; k != nil {
		k.count--
	} else {
		c.others--
	}
}

var kindColumns = []column{
	{title: "attempts", least: 8, most: 12, whole: true, rank: 1, cut: fit},
	{title: "answer", least: 15, most: 24, rank: 0, cut: fit},
	{title: "first conn", least: 10, most: 16, whole: true, rank: 3, cut: fit},
	{title: "host and path", least: 20, most: 120, rank: 2, cut: fit},
}

// print prints the kinds, the most frequent first.
func (c *counter) print(o *output) {
	o.paragraph(paragraph{text: fmt.Sprintf("… and %s more: --show handshakes lists all %s", number(c.all-listedOfMany), number(c.all)), indent: 2})
	var kinds []*attemptKind
	for _, k := range c.byKind {
		if k.count > 0 {
			kinds = append(kinds, k)
		}
	}
	slices.SortFunc(kinds, func(a, b *attemptKind) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.target, b.target), cmp.Compare(a.answer, b.answer))
	})
	o.section()
	o.line("by host and status:")
	t := table{out: o, columns: kindColumns}
	others := c.others
	for i, k := range kinds {
		if i >= kindsShown {
			others += k.count
			continue
		}
		t.row([]cell{{text: number(k.count)}, {text: k.answer, tint: k.tint}, {text: k.first}, {text: k.target}})
	}
	t.settle()
	if others > 0 {
		o.paragraph(paragraph{text: "… and " + number(others) + " with other hosts, paths and answers"})
	}
}
