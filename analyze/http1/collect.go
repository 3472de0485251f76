package http1

import (
	"bytes"

	"wshake/analyze/event"
	"wshake/reassembly"
)

// unfinishedLine is what an unfinished line holds so far, as far as it matters to whether it will be empty.
type unfinishedLine uint8

const (
	holdsNothing unfinishedLine = iota
	holdsCR
	holdsMore
)

// untilEmpty goes on through b behind the first empty line. It returns how far it went and whether it met the empty
// line.
func (u *unfinishedLine) untilEmpty(b []byte) (n int, met bool) {
	for n < len(b) && !met {
		i := bytes.IndexByte(b[n:], '\n')
		if i < 0 {
			u.extend(b[n:])
			return len(b), false
		}
		u.extend(b[n : n+i])
		met = *u != holdsMore
		*u = holdsNothing
		n += i + 1
	}
	return n, met
}

func (u *unfinishedLine) extend(b []byte) {
	switch {
	case len(b) == 0:
	case *u == holdsNothing && len(b) == 1 && b[0] == '\r':
		*u = holdsCR
	default:
		*u = holdsMore
	}
}

// takeHead takes octets of a head, at most to its end, or of an empty line before it.
func (p *Parser) takeHead(at reassembly.At, b []byte) (n int) {
	if p.length == 0 {
		p.head.kind, p.head.Offset, p.head.First, p.head.Last = p.kind, p.offset, at, at
	}
	p.head.Last = reassembly.Later(p.head.Last, at)
	if !p.started {
		if n = p.takeStartLine(at, b); !p.started {
			return n
		}
	}
	collected := 0
	if len(p.kept) > 0 {
		collected = n
	}
	m, ended := p.line.untilEmpty(b[n:])
	p.advance(m)
	n += m
	if !ended {
		p.keep(b[collected:n])
		return n
	}
	next := p.deliver(p.collect(b[collected:n]), event.Whole)
	p.goOn(at, next)
	p.closeHead()
	return n
}

// takeStartLine takes octets of the start line, at most to its end.
func (p *Parser) takeStartLine(at reassembly.At, b []byte) (n int) {
	n = bytes.IndexByte(b, '\n') + 1
	finished := n > 0
	if !finished {
		n = len(b)
	}
	_, empty := p.line.untilEmpty(b[:n])
	first := p.length == 0
	text := p.collect(b[:n])
	p.advance(n)

	if p.probing {
		switch p.kind.resumes(text) {
		case No:
			p.closeHead()
			p.state = isLost
			return n
		case Yes:
			p.probing = false
		}
	}
	if empty {
		p.head.EmptyLines++
		p.length, p.kept = 0, p.kept[:0]
		return n
	}
	fault := p.startFault(text, finished)
	switch {
	case fault != "":
		err := &event.SyntaxError{Offset: p.head.Offset, Section: p.kind.lineSection(), Text: fault}
		p.closeHead()
		p.fail(at, err)
	case finished:
		p.started = true
	case first:
		p.keep(text)
	}
	return n
}

// startFault returns what makes text, all that was kept of the start line, no start line, or "".
func (p *Parser) startFault(text []byte, finished bool) string {
	if p.head.odd {
		return ""
	}
	fault := ""
	if i := p.kind.misfit(text); i >= 0 {
		fault = p.kind.misfitFault(text[:i+1])
	} else if finished && p.length <= uint64(p.limits.HeadOctets) {
		fault = p.kind.startFault(withoutLineEnd(text))
	}
	if fault != "" && p.limits.AnyRequestLine && !(p.noFrames && frameLike(text)) {
		p.head.odd = true
		return ""
	}
	return fault
}

// frameLike reports whether a line begins as a frame of WebSocket does, and not as text (RFC 6455 §5.2): with an opcode
// that exists, without RSV2 and RSV3, masked or with a first octet that is no text.
func frameLike(line []byte) bool {
	if len(line) == 0 {
		return false
	}
	first := line[0]
	opcode := first & 0xf
	if opcode > 0xa || 3 <= opcode && opcode <= 7 || first&0x30 != 0 {
		return false
	}
	masked := len(line) > 1 && line[1] >= 0x80
	return masked || first >= 0x80 || first < ' ' && first != '\t' && first != '\n'
}

func withoutLineEnd(line []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
}

func (p *Parser) advance(n int) {
	p.offset += uint64(n)
	p.length += uint64(n)
}

// collect returns the text of the head so far, b included: b itself if that is all. It is cut at the limit.
func (p *Parser) collect(b []byte) []byte {
	if len(p.kept) == 0 {
		return b[:min(len(b), p.limits.HeadOctets)]
	}
	p.keep(b)
	return p.kept
}

func (p *Parser) keep(b []byte) {
	p.kept = append(p.kept, b[:min(len(b), p.limits.HeadOctets-len(p.kept))]...)
}

// deliver calls the handler with the head whose text is text, as far as it was kept.
func (p *Parser) deliver(text []byte, cut event.Cut) Next {
	p.head.Length, p.head.Cut = p.length, cut
	if p.length > uint64(p.limits.HeadOctets) {
		p.head.Cut = event.CutOctets
	}
	h := p.head
	h.read(string(text), p.limits.Fields)
	p.delivered = &h
	return p.handler.Head(&h.Head)
}

// deliverCut delivers a head that is not complete and never will be, if any of it has come.
func (p *Parser) deliverCut(cut event.Cut) (next Next) {
	if p.length > 0 && string(p.kept) != "\r" {
		next = p.deliver(p.kept, cut)
	}
	p.closeHead()
	return next
}

// closeHead forgets the head, and the memory of its text if that was unusually large.
func (p *Parser) closeHead() {
	const usualOctets = 4 << 10
	p.head, p.delivered = head{}, nil
	p.kept = p.kept[:0]
	if cap(p.kept) > usualOctets {
		p.kept = nil
	}
	p.length, p.started, p.probing, p.line = 0, false, false, holdsNothing
}
