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
	others := c.others
	for i, k := range kinds {
		if i >= kindsShown {
			others += k.count
			continue
		}
		o.paragraph(paragraph{head: fmt.Sprintf("%9s × ", number(k.count)), word: k.answer, tint: k.tint, text: "  " + sentence(k.target) + "  (first: connection " + k.first + ")", indent: 12})
	}
	if others > 0 {
		o.paragraph(paragraph{head: fmt.Sprintf("%9s × ", number(others)), text: "other hosts, paths and answers", indent: 12})
	}
}
