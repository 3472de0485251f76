// Package search finds text in messages as their octets stream by.
//
// # Design
//
// A message may be larger than memory and comes in pieces of any size, so a match may lie across them. A [Stream] cuts
// a message into blocks of its own, at offsets that are multiples of [Block], and looks at each block with [Overlap]
// octets behind it and [Context] before it. So a match of up to Overlap octets is found wherever it lies, and what is
// found does not depend on how the message came. Of a longer match, which only an expression such as (?s).* has, what
// lies in that window is told.
//
// Where an expression cannot match without some text, that text is looked for first; else a table of states tells, at
// one look-up per octet, where a match may be (automaton), and only from one octet that a match must have to the next
// (anchor) where there are few of them. Only there Go's own engine looks, which tells what is a
// match and is linear in its input whatever the expression: that is what hostile traffic asks for. Looked at instead:
// github.com/coregx/coregex and other engines, which are young, and go-re2, which brings C or WebAssembly. The table is
// 240 lines, and tests and FuzzAutomaton hold it to package regexp.
package search

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unsafe"
)

// Pattern is what is searched for. It may be used from several goroutines.
type Pattern struct {
	expr *regexp.Regexp // nil where need is all there is to it
	need *literal       // without it there is no match; nil where nothing is known
	may  *automaton     // tells where a match may be; nil where it is not known
	hex  bool
}

// Options say how to read a pattern.
type Options struct {
	Fixed      bool // it is a text and no expression
	IgnoreCase bool
}

// New reads an expression in the syntax of package regexp. ^ and $ are the ends of lines.
func New(expression string, o Options) (*Pattern, error) {
	if expression == "" {
		return nil, fmt.Errorf("it is empty")
	}
	if o.Fixed {
		if !o.IgnoreCase {
			return &Pattern{need: newLiteral([]byte(expression))}, nil
		}
		expression = regexp.QuoteMeta(expression)
	}
	flags := "(?m)"
	if o.IgnoreCase {
		flags = "(?mi)"
	}
	if _, err := regexp.Compile(expression); err != nil { // so that the error quotes what was typed
		return nil, fmt.Errorf("%s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	expr, err := regexp.Compile(flags + expression)
	if err != nil {
		return nil, err
	}
	p := &Pattern{expr: expr}
	if tree, err := syntax.Parse(flags+expression, syntax.Perl); err == nil {
		if need := needed(tree.Simplify()); need != nil {
			p.need = newLiteral(need)
		}
		p.may = newAutomaton(tree)
	}
	return p, nil
}

// Hex reads octets in hexadecimal, with blanks or colons between them where that helps.
func Hex(text string) (*Pattern, error) {
	octets, err := hex.DecodeString(strings.NewReplacer(" ", "", ":", "").Replace(text))
	if err != nil || len(octets) == 0 {
		return nil, fmt.Errorf("%q is no list of octets such as 16 03 01", text)
	}
	return &Pattern{need: newLiteral(octets), hex: true}, nil
}

// Hex reports whether the pattern is one of octets rather than of text.
func (p *Pattern) Hex() bool { return p.hex }

// In reports whether the pattern is in a text.
func (p *Pattern) In(text string) bool {
	is := false
	p.each(unsafe.Slice(unsafe.StringData(text), len(text)), func(int, int) bool { // each changes nothing
		is = true
		return false
	})
	return is
}

// needed is the longest text that is in every match of an expression, nil where there is none.
func needed(e *syntax.Regexp) []byte {
	switch e.Op {
	case syntax.OpLiteral:
		if e.Flags&syntax.FoldCase != 0 {
			return nil
		}
		return []byte(string(e.Rune))
	case syntax.OpCapture, syntax.OpPlus:
		return needed(e.Sub[0])
	case syntax.OpRepeat:
		if e.Min > 0 {
			return needed(e.Sub[0])
		}
	case syntax.OpConcat:
		var longest []byte
		for _, sub := range e.Sub {
			if n := needed(sub); len(n) > len(longest) {
				longest = n
			}
		}
		return longest
	}
	return nil
}

// each calls found with the matches in text that do not overlap, in order, until it says that it has enough.
func (p *Pattern) each(text []byte, found func(begin, end int) bool) {
	if p.expr == nil {
		for at := 0; ; {
			i := p.need.index(text[at:])
			if i < 0 || !found(at+i, at+i+len(p.need.octets)) {
				return
			}
			at += i + len(p.need.octets)
		}
	}
	if p.need != nil && p.need.index(text) < 0 {
		return
	}
	if p.may == nil {
		for _, m := range p.expr.FindAllIndex(text, -1) {
			if m[1] > m[0] && !found(m[0], m[1]) {
				return
			}
		}
		return
	}
	for at := 0; ; {
		begin, end := p.may.find(text, at)
		if end < 0 {
			return
		}
		if p.may.lines { // what is before a match counts: a line begins as a text does
			begin = max(at, bytes.LastIndexByte(text[:begin], '\n')+1)
			if begin == at && at > 0 {
				p.rest(text, at, found)
				return
			}
		}
		m := p.expr.FindIndex(text[begin:])
		if m == nil || !found(begin+m[0], begin+m[1]) {
			return
		}
		at = begin + m[1]
	}
}

// rest tells the matches from the octet at on, as those of the whole text.
func (p *Pattern) rest(text []byte, at int, found func(begin, end int) bool) {
	for _, m := range p.expr.FindAllIndex(text, -1) {
		if m[0] >= at && m[1] > m[0] && !found(m[0], m[1]) {
			return
		}
	}
}
