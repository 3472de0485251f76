package http1

import (
	"bytes"
	"fmt"
	"math"
	"strings"

	"wshake/analyze/event"
	"wshake/reassembly"
)

// frame prepares for the body of the message whose head was just delivered, by what the head says of it.
func (p *Parser) frame(at reassembly.At) {
	h := p.delivered
	if h.kind == Response && (h.Status/100 == 1 || h.Status == 204 || h.Status == 304) {
		p.complete(at)
		return
	}
	if h.Cut != event.Whole {
		p.lose(at, p.offset)
		return
	}
	body, length, fault := h.framing()
	if fault != nil {
		p.fail(at, fault)
		return
	}
	p.state, p.remaining = body, length
	if body == inBody && length == 0 {
		p.complete(at)
	}
}

// framing applies RFC 9112 §6.3 from rule 3 on: it returns the state that reads the body, and its length where that
// is inBody.
func (h *head) framing() (body state, length uint64, fault *event.SyntaxError) {
	switch {
	case h.Has("Transfer-Encoding"):
		body, text, section := h.transferCoding()
		if text != "" {
			return isOpaque, 0, &event.SyntaxError{Offset: h.Offset, Section: section, Text: text}
		}
		return body, 0, nil
	case h.Has("Content-Length"):
		length, text := h.contentLength()
		if text != "" {
			return isOpaque, 0, &event.SyntaxError{Offset: h.Offset, Section: "RFC 9112 §6.3", Text: text}
		}
		return inBody, length, nil
	case h.kind == Response:
		return inLastBody, 0, nil
	}
	return inBody, 0, nil
}

func (h *head) transferCoding() (body state, fault, section string) {
	codings := h.Values("Transfer-Encoding")
	if h.Version < "HTTP/1.1" {
		return isOpaque, fmt.Sprintf("Transfer-Encoding %q in a message of %s", clip(codings[0]), h.Version), "RFC 9112 §6.1"
	}
	chunked, last := 0, ""
	for _, coding := range List9110(codings) {
		last = coding
		if event.EqualFold(coding, "chunked") {
			chunked++
		}
	}
	switch {
	case chunked == 1 && event.EqualFold(last, "chunked"):
		return inChunkLine, "", ""
	case chunked > 1:
		return isOpaque, "chunked applied more than once", "RFC 9112 §6.1"
	case h.kind == Response:
		return inLastBody, "", ""
	}
	return isOpaque, fmt.Sprintf("last transfer coding of a request is not chunked: %q", clip(last)), "RFC 9112 §6.3"
}

// contentLength accepts a number that is repeated, in one line or several.
func (h *head) contentLength() (length uint64, fault string) {
	repeated := false
	for i := range h.Fields {
		if !event.EqualFold(h.Fields[i].Name, "Content-Length") {
			continue
		}
		for _, value := range elementsOf(h.Fields[i].Value) {
			n, ok := decimal(value)
			switch {
			case !ok:
				return 0, fmt.Sprintf("Content-Length is not a number: %q", clip(value))
			case repeated && n != length:
				return 0, fmt.Sprintf("Content-Length is both %d and %d", length, n)
			}
			length, repeated = n, true
		}
	}
	return length, ""
}

func decimal(s string) (n uint64, ok bool) {
	for i := range len(s) {
		digit := uint64(s[i] - '0')
		if !isDigit(s[i]) || n > (math.MaxInt64-digit)/10 {
			return 0, false
		}
		n = n*10 + digit
	}
	return n, s != ""
}

// skip goes on by n octets of the body, captured or not.
func (p *Parser) skip(at reassembly.At, n uint64) {
	p.body += n
	p.remaining -= n
	switch {
	case p.remaining > 0:
	case p.state == inChunk:
		p.state = inChunkEnd
	default:
		p.complete(at)
	}
}

// chunkLine is the line of a chunk that is being read: its size and extensions (RFC 9112 §7.1), or its end.
type chunkLine struct {
	size   uint64
	digits bool // at least one was read
	sized  bool // all of them were read
	cr     bool // the CR at the end of the chunk was read
}

func (p *Parser) takeChunkLine(at reassembly.At, b []byte) (n int) {
	c := &p.chunk
	if !c.sized {
		for ; n < len(b) && !c.sized; n++ {
			digit, ok := hexDigit(b[n])
			if !ok {
				break
			}
			if c.size > math.MaxInt64>>4 {
				return p.failChunk(at, n, "chunk size has more than 63 bits")
			}
			c.size, c.digits = c.size<<4|digit, true
		}
		if n == len(b) {
			p.offset += uint64(n)
			return n
		}
		if !c.digits && p.stopBehind && p.body == 0 {
			p.complete(at) // the body that was announced did not come: frames did, before the answer
			return 0
		}
		if !c.digits || strings.IndexByte(" \t;\r\n", b[n]) < 0 {
			return p.failChunk(at, n, fmt.Sprintf("%q in a chunk size", b[n:n+1]))
		}
		c.sized = true
	}
	i := bytes.IndexByte(b[n:], '\n')
	if i < 0 {
		p.offset += uint64(len(b))
		return len(b)
	}
	n += i + 1
	p.offset += uint64(n)
	if p.remaining = c.size; p.remaining > 0 {
		p.state = inChunk
	} else {
		p.state, p.line = inTrailers, holdsNothing
	}
	*c = chunkLine{}
	return n
}

func (p *Parser) takeChunkEnd(at reassembly.At, b []byte) (n int) {
	switch {
	case b[0] == '\n':
		p.state = inChunkLine
		p.chunk.cr = false
	case b[0] == '\r' && !p.chunk.cr:
		p.chunk.cr = true
	default:
		return p.failChunk(at, 0, fmt.Sprintf("%q where a chunk should end", b[:1]))
	}
	p.offset++
	return 1
}

// failChunk fails at octet n of what is being taken.
func (p *Parser) failChunk(at reassembly.At, n int, text string) (taken int) {
	p.offset += uint64(n)
	p.fail(at, &event.SyntaxError{Offset: p.offset, Section: "RFC 9112 §7.1", Text: text})
	return n
}

func hexDigit(c byte) (uint64, bool) {
	switch {
	case isDigit(c):
		return uint64(c - '0'), true
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return uint64(c|0x20-'a') + 10, true
	}
	return 0, false
}
