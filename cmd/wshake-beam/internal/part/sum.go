package part

import (
	"fmt"
	"slices"
	"strings"

	"wshake/analyze"
	"wshake/analyze/event"
)

// Sums is what was counted in some runs and groups.
type Sums struct {
	Of     string // names them
	Events *analyze.Sums
	Totals *analyze.Totals // nil where no packets were read
	Late   []LatePlace     // of packets in both
}

// Judge compares the connections of one run and prints their events, except those of groups that other runs have
// connections of, too: away is given their records. made is all of the run, in any order, each once.
func Judge(made []*Made, groups map[uint64]uint64, alike []*Alike, cfg *Config, whole *Whole, away func(group uint64, m *Made) error,
	line func(*Line) error) (*Sums, error) {
	late := make(Late)
	ends := make(map[uint32]*Alike)
	for _, a := range alike {
		ends[a.Count] = a
	}
	sum := new(Sums)
	gone := make(map[uint64]*Made)
	for _, m := range made {
		late.add(m.Late)
		sum.Of = m.Run
		if m.Totals != nil {
			sum.Totals = m.Totals
		}
		kept := m.Records[:0]
		for i := range m.Records {
			r := &m.Records[i]
			if r.Cut != nil && ends[r.Count] != nil {
				r.SameIdle, r.SameAge = ends[r.Count].Idle, ends[r.Count].Age
			}
			group, travels := groups[r.connOf()]
			if !travels {
				kept = append(kept, *r)
				continue
			}
			if gone[group] == nil {
				gone[group] = &Made{Run: m.Run}
			}
			gone[group].Records = append(gone[group].Records, *r)
		}
		m.Records = kept
	}
	numbers := make([]uint64, 0, len(gone))
	for group := range gone {
		numbers = append(numbers, group)
	}
	slices.Sort(numbers)
	for _, group := range numbers {
		m := gone[group]
		m.Late = late.within(m)
		if err := away(group, m); err != nil {
			return nil, err
		}
	}
	events, err := Join(made, cfg, whole, line)
	sum.Events = events
	sum.Late = late.within(sum)
	return sum, err
}

// JoinGroup is Join for the connections of one group.
func JoinGroup(group uint64, made []*Made, cfg *Config, whole *Whole, line func(*Line) error) (*Sums, error) {
	late := make(Late)
	for _, m := range made {
		late.add(m.Late)
	}
	events, err := Join(made, cfg, whole, line)
	sum := &Sums{Of: fmt.Sprintf("group %d", group), Events: events}
	sum.Late = late.within(sum)
	return sum, err
}

// SumsOnce leaves out what was sent twice, and puts the others in order.
func SumsOnce(list []*Sums) []*Sums {
	slices.SortFunc(list, func(a, b *Sums) int { return strings.Compare(a.Of, b.Of) })
	return slices.CompactFunc(list, func(a, b *Sums) bool { return a.Of == b.Of })
}

// Reduce makes one of several.
func Reduce(shard int64, list []*Sums, cfg *Config, whole *Whole) *Sums {
	one := &Sums{Of: fmt.Sprintf("shard %d", shard)}
	o := newNumbered()
	j := analyze.NewJoiner(cfg.comparison(whole), event.Ignore{})
	one.Totals = o.add(list, j)
	one.Events = j.Sums()
	one.Late = o.late.within(one)
	return one
}

// Finish prints what is about the whole capture.
func Finish(list []*Sums, cfg *Config, whole *Whole, line func(*Line) error) error {
	o := newNumbered()
	none := func(*event.Conn) (string, bool) { return "", false }
	w := &writer{place: whole.Place, line: line, host: none}
	w.printer = newPrinter(cfg.Show, whole.Names, func(ordinal uint64) string { return o.ids[ordinal] })
	j := analyze.NewJoiner(cfg.comparison(whole), w)
	j.Finish(whole.Names, o.add(list, j))
	return w.err
}

// add numbers the packets of sums, and adds them all.
func (n *numbered) add(list []*Sums, j *analyze.Joiner) *analyze.Totals {
	for _, s := range list {
		n.late.add(s.Late)
	}
	for _, s := range list {
		n.visit(s)
	}
	n.number()
	totals := new(analyze.Totals)
	for _, s := range list {
		if s.Totals != nil {
			totals.Add(s.Totals)
		}
		j.Add(s.Events)
	}
	return totals
}
