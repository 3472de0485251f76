package http1

import (
	"slices"

	"wshake/reassembly"
)

// Kind is what a direction carries.
type Kind uint8

const (
	Request Kind = iota
	Response
)

// Head is the head of one message as it was sent.
//
// A Head passed to a [Handler] is borrowed until the call returns; its strings may be kept, and [Head.Clone] keeps it all.
type Head struct {
	Kind      Kind
	StartLine string // without its line end

	Method, Target string // of a request
	Version        string // "HTTP/1.1"
	Status         int    // of a response, three digits; 0 where it was not seen
	Reason         string // of a response, may be empty

	Fields []Field // in order, case and duplicates kept

	EmptyLines int // before the start line (RFC 9112 §2.2)
	BareLF     int // lines that ended in LF without CR, the empty one at the end included
	BareCR     int // CR that no LF followed
	Folded     int // lines that continue the one before (obs-fold, RFC 9112 §5.2)

	Offset, Length uint64 // octets: where in the direction's stream it begins, how long it is with its empty line

	First, Last reassembly.At // the packet of the first octet; the later-captured of all packets touched

	Bad *SyntaxError // the first fault found that did not keep the rest from being understood, or nil
	Cut Cut          // why this is not the whole head
}

// Field is one field line.
type Field struct {
	Name  string // as sent, up to the colon
	Value string // without outer blanks, folded lines joined by one space
	Odd   Odd
}

// Odd is a set of what is unusual about a field line.
type Odd uint8

const (
	Folded           Odd = 1 << iota // the value was spread over several lines
	SpaceBeforeColon                 // blanks between name and colon, not part of Name
	NoColon                          // all of the line is in Name
	BadName                          // Name is not a token
)

// Cut says what kept a head from being whole. Fields that are missing from a cut head may have been sent.
type Cut uint8

const (
	Whole     Cut = iota
	CutOctets     // longer than Limits.HeadOctets; the rest was skipped
	CutFields     // more than Limits.Fields; the rest was skipped
	CutGap        // octets of it were not captured
	CutEnd        // the stream ended in it
)

// Values returns the values of all field lines of that name, in order. Names have no case.
func (h *Head) Values(name string) []string {
	var values []string
	for i := range h.Fields {
		if EqualFold(h.Fields[i].Name, name) {
			values = append(values, h.Fields[i].Value)
		}
	}
	return values
}

// Get returns the value of the first field line of that name, or "".
func (h *Head) Get(name string) string {
	for i := range h.Fields {
		if EqualFold(h.Fields[i].Name, name) {
			return h.Fields[i].Value
		}
	}
	return ""
}

// Has reports whether a field line of that name was sent.
func (h *Head) Has(name string) bool {
	for i := range h.Fields {
		if EqualFold(h.Fields[i].Name, name) {
			return true
		}
	}
	return false
}

// Tokens returns the members of a #list field such as Connection or Upgrade, from all its lines: see [List9110].
func (h *Head) Tokens(name string) []string { return List9110(h.Values(name)) }

// Clone returns a copy that may be kept.
func (h *Head) Clone() *Head {
	clone := *h
	clone.Fields = slices.Clone(h.Fields)
	return &clone
}
