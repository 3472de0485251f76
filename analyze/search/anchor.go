package search

import (
	"bytes"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
)

// anchor is an octet that a match has at a distance from its beginning. Where an expression has anchors, each match has
// one of them, so that all else can be leapt over: (?i)needle has d and D.
type anchor struct {
	octet byte
	at    int // in the match
}

const (
	anchorsMost = 4
	// rareFrom is the rank from which on an octet is worth to be looked for by itself.
	rareFrom = 9
)

// rank is higher for octets that are rarer.
func rank(c byte) int {
	if i := strings.IndexByte(common, c); i >= 0 {
		return i
	}
	return len(common)
}

// anchorsOf are the anchors of an expression, nil where it has none, or too many.
func anchorsOf(e *syntax.Regexp) []anchor {
	switch e.Op {
	case syntax.OpLiteral:
		return literalAnchors(e.Rune, e.Flags&syntax.FoldCase != 0)
	case syntax.OpCapture, syntax.OpPlus:
		return anchorsOf(e.Sub[0])
	case syntax.OpConcat:
		for _, sub := range e.Sub {
			switch sub.Op {
			case syntax.OpBeginLine, syntax.OpWordBoundary, syntax.OpNoWordBoundary: // take no octet
				continue
			}
			return anchorsOf(sub)
		}
	case syntax.OpAlternate:
		var all []anchor
		for _, sub := range e.Sub {
			its := anchorsOf(sub)
			if its == nil {
				return nil
			}
			for _, a := range its {
				if !slices.Contains(all, a) {
					all = append(all, a)
				}
			}
		}
		if len(all) <= anchorsMost {
			return all
		}
	}
	return nil
}

// literalAnchors are the rarest octet of a text, in both cases where case does not count.
func literalAnchors(text []rune, fold bool) []anchor {
	best := anchor{at: -1}
	for i, r := range text {
		if r > unicode.MaxASCII || fold && strings.ContainsRune("kKsS", r) { // of several octets, or the same as such a one
			break
		}
		c := byte(r)
		if fold {
			c = byte(unicode.ToLower(r))
		}
		if rank(c) >= rareFrom && (best.at < 0 || rank(c) > rank(best.octet)) {
			best = anchor{c, i}
		}
	}
	if best.at < 0 {
		return nil
	}
	upper := byte(unicode.ToUpper(rune(best.octet)))
	if !fold || upper == best.octet {
		return []anchor{best}
	}
	return []anchor{best, {upper, best.at}}
}

// next is where the next match with this anchor may begin, from an offset on; the length of text where none may.
func (a *anchor) next(text []byte, from int) int {
	if from+a.at >= len(text) {
		return len(text)
	}
	i := bytes.IndexByte(text[from+a.at:], a.octet)
	if i < 0 {
		return len(text)
	}
	return from + i
}

// leap looks only where an anchor is. It gives the offset behind the first place where a match may end, -1 where it found
// none until the offset at: there the anchors turned out to be frequent, or the text ends.
func (a *automaton) leap(text []byte) (at, end int) {
	next := [anchorsMost]int{-1, -1, -1, -1} // by anchor
	for stops := 0; stops <= 16+at/8; stops++ {
		begin := len(text)
		for i := range a.anchors {
			if next[i] < at {
				next[i] = a.anchors[i].next(text, at)
			}
			begin = min(begin, next[i])
		}
		s := uint16(beginning)
		for at = begin; at < len(text); {
			s = a.next[s][text[at]]
			if at++; s <= beginning {
				break
			}
		}
		switch {
		case s == hit:
			return at, at
		case at == len(text):
			return at, -1
		}
	}
	return at, -1
}
