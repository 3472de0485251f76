package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"wshake/analyze/event"
)

// appendPayload appends the payload to a JSON object where it was kept: as text where it is text, else in base64.
func appendPayload(b []byte, p *event.Payload) []byte {
	if !p.Kept {
		return b
	}
	if text := wholeText(p); p.Text && utf8.Valid(text) {
		b = appendString(appendKey(b, "text"), text)
	} else {
		b = appendBase64(b, "base64", p.Data)
	}
	return appendBool(b, "truncated", p.Truncated)
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
	if p.Text {
		o.payloadText(pretty.text(wholeText(p)), margin)
	} else {
		o.payloadHex(p.Data, margin)
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

// payloadHex gives the offset, the octets in hex and those that are printable ASCII, 16 in a line or what there is room for.
func (o *output) payloadHex(p []byte, margin string) {
	perLine := 16
	for o.width > 0 && perLine > 1 && len(margin)+len("00000000  ")+3*perLine+1+perLine > o.width {
		perLine /= 2
	}
	for at := 0; at < len(p); at += perLine {
		octets := p[at:min(at+perLine, len(p))]
		line := fmt.Appendf(o.buf, "%s%08x  ", margin, at)
		for i := range perLine {
			if i < len(octets) {
				line = append(appendHex(line, octets[i]), ' ')
			} else {
				line = append(line, "   "...)
			}
		}
		line = append(line, ' ')
		for _, c := range octets {
			if c < ' ' || c >= 0x7f {
				c = '.'
			}
			line = append(line, c)
		}
		o.keep(append(trimBlanks(line), '\n'))
	}
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
