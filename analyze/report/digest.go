package report

import (
	"cmp"
	"slices"
	"strings"

	"wshake/analyze/event"
)

// digest gathers findings by check. Of each check it keeps what will be printed and counts the rest.
type digest struct {
	groups []*group // in the order of their first finding
	byName map[string]*group
}

// group is what one check found.
type group struct {
	first   event.Finding
	faults  []string // of whom, each once
	count   uint64
	omitted bool      // some of them had no event
	cases   []finding // the first few
}

type finding struct{ place, text, advice string }

// casesShown is how many findings of one check are printed.
const casesShown = 5

// sentenceMost bounds a sentence that is kept, columns.
const sentenceMost = 600

func (d *digest) add(f *event.Finding, place string) {
	g := d.byName[f.Name]
	if g == nil {
		g = &group{first: *f}
		d.groups = append(d.groups, g)
		if d.byName == nil {
			d.byName = make(map[string]*group)
		}
		d.byName[f.Name] = g
	}
	g.count++
	if fault := f.Fault.String(); fault != "" && !slices.Contains(g.faults, fault) {
		g.faults = append(g.faults, fault)
	}
	if len(g.cases) < casesShown {
		if peers := between(f.Conn); peers != "" {
			place += "  " + peers
		}
		g.cases = append(g.cases, finding{place, sentence(f.Text), sentence(f.Advice)})
	}
}

// omit counts findings that have no event.
func (d *digest) omit(o *event.Omitted) {
	if g := d.byName[o.Check]; g != nil {
		g.count += o.Count
		g.omitted = true
	}
}

// sentence makes text fit for printing and bounds it.
func sentence(text string) string { return fit(Sanitise(ahead(text, sentenceMost)), sentenceMost) }

// print prints the worst level first, of each level what names a hop between before what it led to, then in the order
// of the first findings.
func (d *digest) print(o *output) {
	slices.SortStableFunc(d.groups, func(a, b *group) int { return cmp.Compare(rank(&b.first), rank(&a.first)) })
	for _, g := range d.groups {
		o.section()
		g.print(o)
	}
}

// rank orders findings by what a reader should see first: the gravest, and of those what names a hop between, which
// explains others.
func rank(f *event.Finding) int {
	if strings.HasPrefix(f.ID, "MID-") || f.Name == "accept-of-another-key" {
		return 2*int(f.Level) + 1
	}
	return 2 * int(f.Level)
}

func (g *group) print(o *output) {
	level := g.first.Level.String()
	source := []string{g.first.ID}
	if g.first.Section != "" {
		source = append(source, g.first.Section)
	}
	if len(g.faults) > 0 {
		source = append(source, strings.Join(g.faults, " and "))
	}
	o.paragraph(paragraph{word: level, tint: levelTint(g.first.Level), text: " " + g.first.Name + " (" + strings.Join(source, ", ") + ")", indent: 2})
	var advised []string
	for _, c := range g.cases {
		o.paragraph(paragraph{head: "  ", text: c.place + "  " + c.text, indent: 4})
		if c.advice != "" && !slices.Contains(advised, c.advice) {
			advised = append(advised, c.advice)
		}
	}
	if more := g.count - uint64(len(g.cases)); more > 0 {
		all := ""
		if g.omitted {
			all = " --all-findings"
		}
		o.paragraph(paragraph{head: "  ", text: "… and " + number(more) + " more: --output json" + all + " lists them all", indent: 4})
	}
	for _, advice := range advised {
		o.paragraph(paragraph{head: "  ", word: "advice:", tint: faint, text: " " + advice, indent: 4})
	}
}
