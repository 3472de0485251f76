package http1

import (
	"strings"

	"wshake/analyze/event"
)

// Doubt is what makes programs disagree about where the body of a message ends (RFC 9112 §6.3, §11.2).
type Doubt uint16

const (
	LengthWithCoding   Doubt = 1 << iota // Content-Length beside Transfer-Encoding
	LengthsDiffer                        // several values of Content-Length that differ
	LengthRepeated                       // several values of Content-Length that are equal
	LengthMalformed                      // a Content-Length that is no number: signed, empty, hexadecimal
	LengthHuge                           // a Content-Length of more than 63 bits
	CodingUnknown                        // a Transfer-Encoding whose last member is not chunked
	CodingRepeated                       // chunked more than once
	CodingOddlySpelled                   // Transfer-Encoding in quotes, with a control octet, or a parameter
	CodingInOldHTTP                      // Transfer-Encoding below HTTP/1.1
	NameOddlySpelled                     // a blank or control octet in the name of one of the two fields
	FramingFolded                        // one of the two fields is folded
)

// Framing is what a head says of its body, as far as programs may disagree on it.
type Framing struct {
	Doubts  Doubt
	Lengths []string // the values of Content-Length, as sent, the first few
	Codings []string // likewise of Transfer-Encoding
}

// SaysLength reports whether a field of this name is one of those that FramingOf looks at.
func SaysLength(name string) bool {
	field, _ := framingName(name)
	return field != ""
}

// framingKept is how many values of a field Framing keeps.
const framingKept = 4

// FramingOf looks for doubts about the length of a message. Answers of 1xx, 204 and 304 have no body, whatever their
// fields say (RFC 9112 §6.3).
func FramingOf(h *event.Head) (f Framing) {
	if h.Status/100 == 1 || h.Status == 204 || h.Status == 304 {
		return Framing{}
	}
	var first string
	numbers, chunked, last := 0, 0, ""
	for i := range h.Fields {
		field := &h.Fields[i]
		length, exact := framingName(field.Name)
		if length == "" {
			continue
		}
		if !exact || field.Anomalies&(event.SpaceBeforeColon|event.BadName|event.NoColon) != 0 {
			f.Doubts |= NameOddlySpelled
		}
		if field.Anomalies&event.Folded != 0 {
			f.Doubts |= FramingFolded
		}
		if length == transferEncoding {
			f.Codings = keepFew(f.Codings, field.Value)
			for _, member := range elementsOf(field.Value) {
				if member == "" {
					continue
				}
				last = member
				if oddlySpelled(member) {
					f.Doubts |= CodingOddlySpelled
				}
				if event.EqualFold(member, "chunked") {
					chunked++
				}
			}
			continue
		}
		f.Lengths = keepFew(f.Lengths, field.Value)
		for _, value := range elementsOf(field.Value) {
			if _, ok := decimal(value); !ok {
				f.Doubts |= LengthMalformed
				if strings.Trim(value, "0123456789") == "" && value != "" {
					f.Doubts = f.Doubts&^LengthMalformed | LengthHuge
				}
			}
			switch numbers++; {
			case numbers == 1:
				first = value
			case value != first:
				f.Doubts |= LengthsDiffer
			default:
				f.Doubts |= LengthRepeated
			}
		}
	}
	if f.Doubts&LengthsDiffer != 0 {
		f.Doubts &^= LengthRepeated
	}
	if f.Codings == nil {
		return f
	}
	if f.Lengths != nil {
		f.Doubts |= LengthWithCoding
	}
	if chunked > 1 {
		f.Doubts |= CodingRepeated
	}
	if h.Status == 0 && !event.EqualFold(last, "chunked") { // an answer may end with its connection
		f.Doubts |= CodingUnknown
	}
	if h.Version != "" && h.Version < "HTTP/1.1" && strings.HasPrefix(h.Version, versionPrefix) {
		f.Doubts |= CodingInOldHTTP
	}
	return f
}

const (
	contentLength    = "content-length"
	transferEncoding = "transfer-encoding"
)

// framingName says which of the two fields a lenient reader takes a name for: one that drops blanks and control octets
// around it, or takes _ for -. exact says that all readers do.
func framingName(name string) (field string, exact bool) {
	if len(name) < len(contentLength) || len(name) > len(transferEncoding)+8 {
		return "", false
	}
	if c := name[0] | 0x20; 'a' <= c && c <= 'z' && c != 'c' && c != 't' {
		return "", false // most names
	}
	for _, field := range [...]string{contentLength, transferEncoding} {
		if event.EqualFold(name, field) {
			return field, true
		}
		bare := strings.TrimFunc(name, func(c rune) bool { return c <= ' ' || c == 0x7f })
		if event.EqualFold(strings.ReplaceAll(bare, "_", "-"), field) {
			return field, false
		}
	}
	return "", false
}

// oddlySpelled reports whether a coding that readers may take for chunked is not spelled as a token.
func oddlySpelled(member string) bool {
	return !IsToken(member) && strings.Contains(strings.ToLower(member[:min(len(member), 64)]), "chunked")
}

func keepFew(values []string, value string) []string {
	if len(values) == framingKept {
		return values
	}
	return append(values, value)
}
