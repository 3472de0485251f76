package http1

import (
	"strings"

	"wshake/analyze/event"
)

// framingKept is how many values of a field event.Framing keeps.
const framingKept = 4

// FramingOf looks for doubts about the length of a message. Answers of 1xx, 204 and 304 have no body, whatever their
// fields say (RFC 9112 §6.3).
func FramingOf(h *event.Head) (f event.Framing) {
	if h.Status/100 == 1 || h.Status == 204 || h.Status == 304 {
		return event.Framing{}
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
			f.Doubts |= event.NameOddlySpelled
		}
		if field.Anomalies&event.Folded != 0 {
			f.Doubts |= event.FramingFolded
		}
		if length == transferEncoding {
			f.Codings = keepFew(f.Codings, field.Value)
			for _, member := range elementsOf(field.Value) {
				if member == "" {
					continue
				}
				last = member
				if oddlySpelled(member) {
					f.Doubts |= event.CodingOddlySpelled
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
				f.Doubts |= event.LengthMalformed
				if strings.Trim(value, "0123456789") == "" && value != "" {
					f.Doubts = f.Doubts&^event.LengthMalformed | event.LengthHuge
				}
			}
			switch numbers++; {
			case numbers == 1:
				first = value
			case value != first:
				f.Doubts |= event.LengthsDiffer
			default:
				f.Doubts |= event.LengthRepeated
			}
		}
	}
	if f.Doubts&event.LengthsDiffer != 0 {
		f.Doubts &^= event.LengthRepeated
	}
	if f.Codings == nil {
		return f
	}
	if f.Lengths != nil {
		f.Doubts |= event.LengthWithCoding
	}
	if chunked > 1 {
		f.Doubts |= event.CodingRepeated
	}
	if h.Status == 0 && !event.EqualFold(last, "chunked") { // an answer may end with its connection
		f.Doubts |= event.CodingUnknown
	}
	if h.Version != "" && h.Version < "HTTP/1.1" && strings.HasPrefix(h.Version, versionPrefix) {
		f.Doubts |= event.CodingInOldHTTP
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
