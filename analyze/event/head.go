package event

import (
	"fmt"
	"math"
	"slices"
)

// Head is the head of one message as it was sent.
//
// One whose fields came by [Head.Add] finds them by name without walking them all.
type Head struct {
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

	First, Last At // the packet of the first octet; the later-captured of all packets touched

	Bad *SyntaxError // the first fault found that did not keep the rest from being understood, or nil
	Cut Cut          // why this is not the whole head

	// Where the fields came by Add:

	values []string  // of Fields
	tags   uint64    // has the bit tagOf(name) of each field
	shared uint64    // has those that are of more than one field
	tagged [64]uint8 // the index of the field that has a bit which is not shared
}

// Field is one field line.
type Field struct {
	Name      string // as sent, up to the colon
	Value     string // without outer blanks, folded lines joined by one space
	Anomalies Anomaly
}

// Anomaly is a set of what is unusual about a field line.
type Anomaly uint8

const (
	Folded           Anomaly = 1 << iota // the value was spread over several lines
	SpaceBeforeColon                     // blanks between name and colon, not part of Name
	NoColon                              // all of the line is in Name
	BadName                              // Name is not a token
)

// Cut says what kept a head from being whole. Fields that are missing from a cut head may have been sent.
type Cut uint8

const (
	Whole     Cut = iota
	CutOctets     // longer than the parser keeps; the rest was skipped
	CutFields     // more field lines than the parser keeps; the rest was skipped
	CutGap        // octets of it were not captured
	CutEnd        // the stream ended in it
)

// Reserve makes room for n fields.
func (h *Head) Reserve(n int) { h.Fields, h.values = make([]Field, 0, n), make([]string, 0, n) }

// Add appends a field line.
func (h *Head) Add(f Field) {
	tag, i := tagOf(f.Name), len(h.Fields)
	if h.tags>>tag&1 == 1 || i > math.MaxUint8 {
		h.shared |= 1 << tag
	} else {
		h.tagged[tag] = uint8(i)
	}
	h.tags |= 1 << tag
	h.Fields = append(h.Fields, f)
	h.values = append(h.values, f.Value)
}

// tagOf is a number below 64. Names that differ only in the case of letters have the same, most others do not.
func tagOf(name string) uint8 {
	n := len(name)
	if n == 0 {
		return 0
	}
	return (uint8(n)*31 ^ (name[0]|0x20)*3 ^ (name[n/2]|0x20)*7 ^ (name[n-1]|0x20)*5) % 64
}

// Values returns the values of all field lines of that name, in order. Names have no case. The list is not to be
// changed.
func (h *Head) Values(name string) []string {
	i := h.find(name, 0)
	if i < 0 {
		return nil
	}
	more := h.find(name, i+1)
	if more < 0 && len(h.values) == len(h.Fields) {
		return h.values[i : i+1 : i+1]
	}
	values := []string{h.Fields[i].Value}
	for ; more >= 0; more = h.find(name, more+1) {
		values = append(values, h.Fields[more].Value)
	}
	return values
}

// find gives the index of the first field line of that name from from on, -1 where there is none.
func (h *Head) find(name string, from int) int {
	if h.tags != 0 {
		switch tag := tagOf(name); {
		case h.tags>>tag&1 == 0:
			return -1
		case h.shared>>tag&1 == 0:
			if i := int(h.tagged[tag]); i >= from && h.named(i, name) {
				return i
			}
			return -1
		}
	}
	for i := from; i < len(h.Fields); i++ {
		if h.named(i, name) {
			return i
		}
	}
	return -1
}

func (h *Head) named(i int, name string) bool {
	have := h.Fields[i].Name
	return have == name || EqualFold(have, name)
}

// Lookup returns the value of the first field line of that name, and whether there is one.
func (h *Head) Lookup(name string) (value string, sent bool) {
	if i := h.find(name, 0); i >= 0 {
		return h.Fields[i].Value, true
	}
	return "", false
}

// Get returns the value of the first field line of that name, or "".
func (h *Head) Get(name string) string {
	value, _ := h.Lookup(name)
	return value
}

// Authority is the host that a request is for, and its port where that was sent: Host, or in HTTP/2 :authority.
func (h *Head) Authority() string {
	if v, sent := h.Lookup(":authority"); sent {
		return v
	}
	return h.Get("Host")
}

// Has reports whether a field line of that name was sent.
func (h *Head) Has(name string) bool { return h.find(name, 0) >= 0 }

// Clone returns a copy whose fields may be changed.
func (h *Head) Clone() *Head {
	clone := *h
	clone.Fields, clone.values, clone.tags = slices.Clone(h.Fields), nil, 0 // found by walking, since they may change
	return &clone
}

// SyntaxError is a place where a peer broke the grammar of HTTP/1.x.
type SyntaxError struct {
	Offset  uint64 // octets into the direction's stream
	Section string // the rule that was broken: "RFC 9112 §4"
	Text    string // what was wrong, one line, values quoted and clipped
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("offset %d: %s (%s)", e.Offset, e.Text, e.Section)
}

// EqualFold reports whether a and b are equal except for the case of ASCII letters, as field names and most tokens are
// compared. Unlike strings.EqualFold it does not take U+212A for a k or U+017F for an s.
func EqualFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if a[i] != b[i] && lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}
