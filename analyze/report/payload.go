package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"wshake/analyze/event"
)

// appendPayload appends the payload to a JSON object where it was kept: as text where it is text, else in base64. An
// unknown octet is U+FFFD in text and 0 in base64, and has its place in the list unknown, which only a payload with
// such octets has.
func appendPayload(b []byte, p *event.Payload) []byte {
	if !p.Kept {
		return b
	}
	if text, is := PayloadText(p); is {
		b = appendString(appendKey(b, "text"), text)
	} else {
		b = appendBase64(b, "base64", p.Data)
	}
	if len(p.Unknown) > 0 {
		b = appendRanges(b, "unknown", p.Unknown)
	}
	return appendBool(b, "truncated", p.Truncated)
}

// appendRanges appends pairs of an offset and a length, octets.
func appendRanges(b []byte, key string, ranges []event.Range) []byte {
	b = append(appendKey(b, key), '[')
	for i, r := range ranges {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendUint(append(b, '['), r.Offset, 10)
		b = strconv.AppendUint(append(b, ','), r.Length, 10)
		b = append(b, ']')
	}
	return append(b, ']')
}

// replaceUnknown is text, the octets of p or their beginning, with something else in place of each run of n unknown
// octets.
func replaceUnknown(p *event.Payload, text []byte, with func(n int) string) []byte {
	var b []byte
	at := uint64(0)
	for _, r := range p.Unknown {
		b = append(b, text[at:r.Offset]...)
		b = append(b, with(int(r.Length))...)
		at = r.Offset + r.Length
	}
	return append(b, text[at:]...)
}

// wholeText is the kept octets without a last character that was cut.
func wholeText(p *event.Payload) []byte {
	text := p.Data
	if !p.Truncated {
		return text
	}
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if c := text[len(text)-n]; utf8.RuneStart(c) {
			if !utf8.FullRune(text[len(text)-n:]) {
				return text[:len(text)-n]
			}
			break
		}
	}
	return text
}

// payload gathers the lines of a payload, indented.
func (o *output) payload(p *event.Payload, indent int, pretty prettiness) {
	if !p.Kept || len(p.Data) == 0 && !p.Truncated {
		return
	}
	if o.width > 0 {
		indent = min(indent, o.width/16) // 16 octets in hex fit 80 columns
	}
	margin := strings.Repeat(" ", indent)
	switch {
	case p.Text && len(p.Unknown) > 0:
		o.payloadText(replaceUnknown(p, wholeText(p), func(n int) string { return "[" + count(uint64(n), "octet") + " unknown]" }), margin)
	case p.Text:
		o.payloadText(pretty.text(wholeText(p)), margin)
	default:
		o.payloadHex(p, margin)
	}
	if p.Truncated {
		o.line(margin + "…")
	}
}

// payloadText keeps the line ends of the text; whatever else does not show is escaped.
func (o *output) payloadText(text []byte, margin string) {
	for line := range strings.SplitSeq(string(text), "\n") {
		for _, piece := range chunks(Sanitise(line), max(o.width-len(margin), 0)) {
			o.line(margin + piece)
		}
	}
}

// payloadHex gives the offset, the octets in hex and those that are printable ASCII, 16 in a line or what there is
// room for. Unknown octets are question marks.
func (o *output) payloadHex(payload *event.Payload, margin string) {
	p, hidden := payload.Data, payload.Unknown
	perLine := 16
	for o.width > 0 && perLine > 1 && len(margin)+len("00000000  ")+3*perLine+1+perLine > o.width {
		perLine /= 2
	}
	for at := 0; at < len(p); at += perLine {
		octets := p[at:min(at+perLine, len(p))]
		line := fmt.Appendf(o.buf, "%s%08x  ", margin, at)
		for i := range perLine {
			switch {
			case i >= len(octets):
				line = append(line, "   "...)
			case within(hidden, at+i):
				line = append(line, "?? "...)
			default:
				line = append(appendHex(line, octets[i]), ' ')
			}
		}
		line = append(line, ' ')
		for i, c := range octets {
			switch {
			case within(hidden, at+i):
				c = '?'
			case c < ' ' || c >= 0x7f:
				c = '.'
			}
			line = append(line, c)
		}
		for len(hidden) > 0 && hidden[0].Offset+hidden[0].Length <= uint64(at+perLine) {
			hidden = hidden[1:]
		}
		o.keep(append(trimBlanks(line), '\n'))
	}
}

// within reports whether index i is in one of the ranges, which are in order.
func within(ranges []event.Range, i int) bool {
	for _, r := range ranges {
		if uint64(i) < r.Offset {
			return false
		}
		if uint64(i) < r.Offset+r.Length {
			return true
		}
	}
	return false
}

// prettiness says how to lay payloads out.
type prettiness uint8

const (
	asSent   prettiness = iota
	indented            // what is JSON
)

// deepest is the nesting to which JSON is indented: beyond it the indent is most of what is printed.
const deepest = 32

func (p prettiness) text(text []byte) []byte {
	if p != indented || nesting(text) > deepest {
		return text
	}
	var laidOut bytes.Buffer
	if json.Indent(&laidOut, text, "", "  ") != nil {
		return text
	}
	return laidOut.Bytes()
}

// nesting is how deep arrays and objects are nested in JSON text, at most.
func nesting(text []byte) int {
	depth, most := 0, 0
	quoted := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case quoted && c == '\\':
			i++
		case quoted:
		case c == '{' || c == '[':
			depth++
			most = max(most, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return most
}
