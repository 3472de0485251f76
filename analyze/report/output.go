package report

import (
	"io"
	"strings"
)

// writeAt is how much an output gathers before it writes.
const writeAt = 32 << 10

// output gathers what is printed and writes it in large pieces. After an error it writes nothing more.
type output struct {
	w     io.Writer
	width int // see Options
	color bool
	buf   []byte
	begun bool // something was gathered
	err   error
}

// Narrowest is the least width that is kept to.
const Narrowest = 20

func newOutput(w io.Writer, o *Options) output {
	width := o.Width
	if width > 0 {
		width = max(width, Narrowest)
	}
	return output{w: w, width: width, color: o.Color, buf: make([]byte, 0, 2*writeAt)}
}

// Err returns the first error of any write so far.
func (o *output) Err() error { return o.err }

// keep takes the buffer back with what was appended to it.
func (o *output) keep(b []byte) {
	o.buf, o.begun = b, true
	if len(b) >= writeAt {
		o.write()
	}
}

func (o *output) write() error {
	if o.err == nil && len(o.buf) > 0 {
		_, o.err = o.w.Write(o.buf)
	}
	o.buf = o.buf[:0]
	return o.err
}

// fail keeps an error that was not one of writing.
func (o *output) fail(err error) {
	if o.err == nil {
		o.err = err
	}
}

// line gathers one line as it is.
func (o *output) line(s string) {
	o.keep(append(append(o.buf, s...), '\n'))
}

// section sets what follows apart from what came before.
func (o *output) section() {
	if o.begun {
		o.line("")
	}
}

// tint is the colour of a word.
type tint uint8

const (
	plain tint = iota
	good
	doubtful
	bad
	faint
)

const reset = "\x1b[0m"

// paint appends s in its colour.
func (o *output) paint(b []byte, t tint, s string) []byte {
	if !o.color || t == plain || s == "" {
		return append(b, s...)
	}
	b = append(b, [...]string{good: "\x1b[32m", doubtful: "\x1b[33m", bad: "\x1b[31m", faint: "\x1b[2m"}[t]...)
	b = append(b, s...)
	return append(b, reset...)
}

// paragraph is a piece of text that is folded to the width of the terminal.
type paragraph struct {
	head   string // before the text, on the first line
	word   string // begins the text, in colour
	tint   tint
	text   string
	indent int // of the lines after the first, columns
}

// paragraph gathers p. Its text is sanitised already.
func (o *output) paragraph(p paragraph) {
	head, indent := p.head, p.indent
	if o.width > 0 {
		head = fit(head, o.width/2)
		indent = min(indent, o.width/2)
	}
	lines := Fold(p.word+p.text, o.width-columns(head), o.width-indent)
	if o.width == 0 {
		lines = []string{p.word + p.text}
	}
	b := append(o.buf, head...)
	for i, line := range lines {
		if i > 0 {
			b = append(b, strings.Repeat(" ", indent)...)
		}
		if word, ok := strings.CutPrefix(line, p.word); i == 0 && ok {
			b = append(o.paint(b, p.tint, p.word), word...)
		} else {
			b = append(b, line...)
		}
		b = append(trimBlanks(b), '\n')
	}
	o.keep(b)
}

// phrases gathers parts with a dot between them, folded between parts where that is enough.
func (o *output) phrases(parts []string) {
	line := ""
	for _, part := range parts {
		joined := line + " · " + part
		switch {
		case line == "":
			line = part
		case o.width == 0 || columns(joined) <= o.width:
			line = joined
		default:
			o.paragraph(paragraph{text: line})
			line = part
		}
	}
	o.paragraph(paragraph{text: line})
}

// trimBlanks takes blanks off the end of the last line in b.
func trimBlanks(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == ' ' {
		b = b[:len(b)-1]
	}
	return b
}
