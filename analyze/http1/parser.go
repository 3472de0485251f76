package http1

import (
	"wshake/analyze/event"
	"wshake/reassembly"
)

// Parser reads one direction of one connection. It never holds more than Limits of a head that is not complete yet,
// and nothing of a body. It is to be made by New or Reset.
type Parser struct {
	kind    Kind
	limits  Limits
	handler Handler

	state   state
	offset  uint64 // octets taken, gaps included
	segment uint64 // ordinal of the packet of the last Data; 0 right after a gap

	// The head that is being read.
	head    head   // where it begins; the rest is filled in when it is delivered
	length  uint64 // octets of it so far
	started bool   // its start line is complete
	probing bool   // the way was lost, and its first octets are not believed yet
	// noFrames says that octets which begin as a frame does are no request, whatever Limits.AnyRequestLine says.
	noFrames bool
	kept     []byte // of it, from earlier calls of Data
	// delivered is the head whose body comes next.
	delivered *head

	// The body that is being skipped.
	body       uint64 // octets of it so far, gaps included
	remaining  uint64 // octets of it, or of its chunk, still to come
	chunk      chunkLine
	stopBehind bool // the next layer begins behind it

	line unfinishedLine // of a head or a trailer section
}

type state uint8

const (
	inHead      state = iota // or before it
	inBody                   // remaining octets
	inChunkLine              // size and extensions
	inChunk                  // remaining octets
	inChunkEnd               // the line end behind a chunk
	inTrailers               // up to an empty line
	inLastBody               // until close
	isLost                   // looking for a head at the beginning of each segment
	isOpaque                 // nothing can be understood any more, or the end has come
	isStopped                // the stream belongs to the next layer
)

// New returns a parser at the beginning of a stream.
func New(kind Kind, limits Limits, handler Handler) *Parser {
	p := new(Parser)
	p.Reset(kind, limits, handler)
	return p
}

// Reset makes p as New does, keeping its memory.
func (p *Parser) Reset(kind Kind, limits Limits, handler Handler) {
	kept := p.kept[:0]
	*p = Parser{}
	p.kind, p.limits, p.handler, p.kept = kind, limits.withDefaults(), handler, kept
}

// NoFrames takes no more heads for requests that begin as frames do.
func (p *Parser) NoFrames() { p.noFrames = true }

// AnswerBegan says that the other side switched protocols before the head that is being read was over: what came of it
// is all that there is, and what follows belongs to the next layer.
func (p *Parser) AnswerBegan(at reassembly.At) {
	if p.state != inHead || p.probing || p.length == 0 {
		return
	}
	p.stopBehind = true
	p.deliverCut(event.CutEnd)
	p.complete(at)
}

// Offset returns how many octets of the stream were taken, gaps included.
func (p *Parser) Offset() uint64 { return p.offset }

// Data takes the next octets of the stream, which the packet at carried, and returns how many. They are all of b but
// where the handler said Switch: what is not taken belongs to the next layer, and nothing more is taken until Resume.
//
// Calls with the same packet in a row are parts of one segment.
func (p *Parser) Data(at reassembly.At, b []byte) (taken int) {
	if at.Ordinal != p.segment && len(b) > 0 {
		p.segment = at.Ordinal
		if p.probing || p.state == isLost {
			p.closeHead()
			p.state, p.probing = inHead, true
		}
	}
	for taken < len(b) && p.state != isStopped {
		taken += p.take(at, b[taken:])
	}
	return taken
}

// take takes octets of b, which is not empty; none only if the state is another then.
func (p *Parser) take(at reassembly.At, b []byte) (n int) {
	switch p.state {
	case inHead:
		return p.takeHead(at, b)
	case inBody, inChunk:
		n = int(min(p.remaining, uint64(len(b))))
		p.offset += uint64(n)
		p.handler.Body(at, p.body, b[:n])
		p.skip(at, uint64(n))
		return n
	case inLastBody:
		p.handler.Body(at, p.body, b)
		p.body += uint64(len(b))
	case inChunkLine:
		return p.takeChunkLine(at, b)
	case inChunkEnd:
		return p.takeChunkEnd(at, b)
	case inTrailers:
		n, ended := p.line.untilEmpty(b)
		p.offset += uint64(n)
		if ended {
			p.complete(at)
		}
		return n
	}
	p.offset += uint64(len(b))
	return len(b)
}

// Gap says that the next n octets of the stream were not captured, and returns how many of them the parser took. As
// with Data they are all of them but where the handler said Switch.
func (p *Parser) Gap(at reassembly.At, n uint64) (taken uint64) {
	if n == 0 || p.state == isStopped {
		return 0
	}
	p.segment = 0
	if p.state == inBody || p.state == inChunk {
		taken = min(n, p.remaining)
		p.offset += taken
		p.skip(at, taken)
		if taken == n || p.state == isStopped {
			return taken
		}
	}
	offset := p.offset
	p.offset += n - taken
	switch p.state {
	case inLastBody:
		p.body += n
	case isLost, isOpaque:
	default:
		switch {
		case p.probing:
			p.closeHead()
			p.state = isLost
		case p.deliverCut(event.CutGap) == Switch:
			p.state = isStopped
		default:
			p.lose(at, offset)
		}
	}
	return n
}

// BetweenMessages says that what comes next begins a head.
func (p *Parser) BetweenMessages() bool { return p.state == inHead && p.length == 0 && !p.probing }

// End says that the stream is over; at is the packet that ended it. A body that lasts until the end is complete with
// it, and a head that is not complete is delivered as far as it came.
func (p *Parser) End(at reassembly.At) {
	switch {
	case p.state == inLastBody:
		p.complete(at)
	case p.state == inHead && !p.probing:
		p.deliverCut(event.CutEnd)
	}
	p.closeHead()
	p.state = isOpaque
}

// Resume goes on with the next head after Switch: the other side did not switch. What was not taken is then to be
// passed to Data again.
func (p *Parser) Resume() {
	if p.state == isStopped {
		p.state = inHead
	}
}

// goOn takes the handler's answer to the head that was just delivered.
func (p *Parser) goOn(at reassembly.At, next Next) {
	p.body, p.chunk = 0, chunkLine{}
	p.stopBehind = next == Switch || next == SwitchAfterBody
	switch next {
	case NoBody, Switch:
		p.complete(at)
	case UntilClose:
		p.state = inLastBody
	default:
		p.frame(at)
	}
}

// complete is reached at the last octet of every message.
func (p *Parser) complete(at reassembly.At) {
	p.state = inHead
	if p.stopBehind {
		p.state = isStopped
	}
	p.handler.Complete(at)
}

func (p *Parser) lose(at reassembly.At, offset uint64) {
	p.state = isLost
	p.handler.Lost(at, offset)
}

func (p *Parser) fail(at reassembly.At, err *event.SyntaxError) {
	p.state = isOpaque
	p.handler.Bad(at, err)
}

// Memory is what the parser keeps of a head that is not complete, octets.
func (p *Parser) Memory() int { return cap(p.kept) }
