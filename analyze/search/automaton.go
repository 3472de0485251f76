package search

import (
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"
)

// automaton tells where a match of an expression may be, at one look-up per octet. It never misses one: what it cannot
// know (boundaries of words and lines, which characters beyond ASCII) it takes for fulfilled. It does not change.
type automaton struct {
	// next gives the state behind an octet. State 0 is a hit, 1 that of the beginning: no part of a match is behind it.
	next [][256]uint16
	// leaves is 1 for octets that lead away from the beginning.
	leaves [256]uint8
	// lines says that the expression looks at what is before its match, within a line.
	lines bool
	// anchors are not empty where matches have them.
	anchors []anchor
}

const (
	hit       = 0
	beginning = 1
	// statesMost bounds an automaton, 512 octets each. An expression that needs more is searched for without.
	statesMost = 1 << 10
)

// newAutomaton makes the automaton of an expression, nil where it has none: it is too large, matches what is empty, or
// looks at the beginning of the text.
func newAutomaton(e *syntax.Regexp) *automaton {
	prog, err := syntax.Compile(e.Simplify())
	if err != nil {
		return nil
	}
	b := builder{prog: prog, automaton: new(automaton), ids: make(map[string]uint16)}
	start, matches := b.closure([]uint32{uint32(prog.Start)})
	if matches || b.text {
		return nil
	}
	b.start = start
	b.next = make([][256]uint16, 2)
	b.sets = [][]uint32{nil, start}
	b.ids[key(start)] = beginning
	for s := beginning; s < len(b.sets); s++ {
		if !b.expand(s) {
			return nil
		}
	}
	for c := range b.leaves {
		if b.next[beginning][c] != beginning {
			b.leaves[c] = 1
		}
	}
	b.anchors = anchorsOf(e)
	return b.automaton
}

// builder makes the states of an automaton from sets of instructions (Thompson's construction by subsets).
type builder struct {
	*automaton
	prog  *syntax.Prog
	start []uint32
	sets  [][]uint32 // of instructions that take a character, by state
	ids   map[string]uint16
	text  bool // the expression looks at the beginning of the text
}

// closure follows instructions that take no character, and says whether one of them is a match.
func (b *builder) closure(from []uint32) (set []uint32, matches bool) {
	seen := make(map[uint32]bool)
	for work := from; len(work) > 0; {
		pc := work[len(work)-1]
		work = work[:len(work)-1]
		if seen[pc] {
			continue
		}
		seen[pc] = true
		switch i := &b.prog.Inst[pc]; i.Op {
		case syntax.InstMatch:
			matches = true
		case syntax.InstAlt, syntax.InstAltMatch:
			work = append(work, i.Out, i.Arg)
		case syntax.InstEmptyWidth:
			op := syntax.EmptyOp(i.Arg)
			b.text = b.text || op&syntax.EmptyBeginText != 0
			b.lines = b.lines || op&(syntax.EmptyBeginLine|syntax.EmptyWordBoundary|syntax.EmptyNoWordBoundary) != 0
			work = append(work, i.Out)
		case syntax.InstCapture, syntax.InstNop:
			work = append(work, i.Out)
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			set = append(set, pc)
		}
	}
	slices.Sort(set)
	return set, matches
}

func key(set []uint32) string {
	b := make([]byte, 0, 4*len(set))
	for _, pc := range set {
		b = append(b, byte(pc), byte(pc>>8), byte(pc>>16), byte(pc>>24))
	}
	return string(b)
}

// expand fills in the row of a state, and says whether there was room for the states behind it.
func (b *builder) expand(s int) bool {
	var row [256]uint16
	beyond, known := uint16(0), false // what every octet beyond ASCII leads to
	for c := range row {
		if c >= utf8.RuneSelf && known {
			row[c] = beyond
			continue
		}
		var to []uint32
		for _, pc := range b.sets[s] {
			switch i := &b.prog.Inst[pc]; {
			case c < utf8.RuneSelf && i.MatchRune(rune(c)):
				to = append(to, i.Out)
			case c >= utf8.RuneSelf && beyondASCII(i):
				to = append(to, i.Out, pc) // of a character of several octets this may be one
			}
		}
		set, matches := b.closure(to)
		id := uint16(hit)
		if !matches {
			set = union(set, b.start)
			var ok bool
			if id, ok = b.id(set); !ok {
				return false
			}
		}
		row[c] = id
		if c >= utf8.RuneSelf {
			beyond, known = id, true
		}
	}
	b.next[s] = row
	return true
}

func (b *builder) id(set []uint32) (uint16, bool) {
	k := key(set)
	if id, ok := b.ids[k]; ok {
		return id, true
	}
	if len(b.sets) == statesMost {
		return 0, false
	}
	id := uint16(len(b.sets))
	b.ids[k] = id
	b.sets = append(b.sets, set)
	b.next = append(b.next, [256]uint16{})
	return id, true
}

func union(a, b []uint32) []uint32 {
	u := slices.Concat(a, b)
	slices.Sort(u)
	return slices.Compact(u)
}

// beyondASCII reports whether an instruction takes a character beyond ASCII.
func beyondASCII(i *syntax.Inst) bool {
	if i.Op == syntax.InstRuneAny || i.Op == syntax.InstRuneAnyNotNL {
		return true
	}
	if len(i.Rune) == 1 && syntax.Flags(i.Arg)&syntax.FoldCase != 0 {
		for r := unicode.SimpleFold(i.Rune[0]); r != i.Rune[0]; r = unicode.SimpleFold(r) {
			if r >= utf8.RuneSelf {
				return true
			}
		}
	}
	return i.Rune[len(i.Rune)-1] >= utf8.RuneSelf
}

// find gives the offset behind the first place at or after from where a match may end, and one that no match there
// begins before; end is -1 where there is none.
func (a *automaton) find(text []byte, from int) (begin, end int) {
	if end = a.end(text[from:]); end < 0 {
		return 0, -1
	}
	end += from
	begin = from
	s := uint16(beginning)
	for i, c := range text[from:end] { // once more, now that it is worth to look where
		if s = a.next[s][c]; s == beginning {
			begin = from + i + 1
		}
	}
	return begin, end
}

// end gives the offset behind the first place where a match may end, -1 where there is none.
func (a *automaton) end(text []byte) int {
	i := 0
	if len(a.anchors) > 0 {
		var end int
		if i, end = a.leap(text); end >= 0 {
			return end
		}
	}
	for i < len(text) {
		if rest := text[i:]; len(rest) >= 8 {
			l, t := &a.leaves, (*[8]byte)(rest)
			if l[t[0]]|l[t[1]]|l[t[2]]|l[t[3]]|l[t[4]]|l[t[5]]|l[t[6]]|l[t[7]] == 0 {
				i += 8
				continue
			}
		}
		for i < len(text) && a.leaves[text[i]] == 0 {
			i++
		}
		for s := uint16(beginning); i < len(text); {
			s = a.next[s][text[i]]
			i++
			if s <= beginning {
				if s == hit {
					return i
				}
				break
			}
		}
	}
	return -1
}
