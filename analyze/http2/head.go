package http2

import (
	"bytes"
	"slices"

	"wshake/analyze/http2/hpack"
)

// Kind is what a header block is.
type Kind uint8

const (
	Request  Kind = iota
	Interim       // an answer with a status of 1xx
	Response      // the final answer
	Trailers
)

func (k Kind) String() string { return [...]string{"request", "interim", "response", "trailers"}[k] }

// Head is a header block. It is borrowed.
type Head struct {
	Kind   Kind
	From   Side
	Stream uint32
	Fields []hpack.Field // in order, as sent
	// Unknown says that a part of a field is not known. Where that may be what says which kind of block it is, Kind is a
	// guess.
	Unknown bool
	Dropped int // fields beyond the limits, which are not in Fields
	// EndStream says that nothing follows it in its direction.
	EndStream   bool
	First, Last At  // the packets of its first octet and of its last
	Octets      int // of the block as sent
}

// Lookup gives the value of the first field of that name, which is in lower case. known is false where there is none
// or its value is not known; a field whose name is not known may be it.
func (h *Head) Lookup(name string) (value []byte, known bool) {
	for i := range h.Fields {
		f := &h.Fields[i]
		if f.Unknown&hpack.UnknownName == 0 && string(f.Name) == name {
			return f.Value, f.Unknown == 0
		}
	}
	return nil, false
}

// classify says what kind of block it is: by its pseudo-fields (RFC 9113 §8.3), else by what came before it on its
// stream. before says that its side's head was told; first that there was none.
func (h *Head) classify(before, first bool) {
	for i := range h.Fields {
		f := &h.Fields[i]
		switch {
		case f.Unknown&hpack.UnknownName != 0:
			continue
		case string(f.Name) == ":status":
			if h.Kind = Response; f.Unknown == 0 && len(f.Value) == 3 && f.Value[0] == '1' {
				h.Kind = Interim
			}
			return
		case bytes.HasPrefix(f.Name, []byte(":")):
			h.Kind = Request
			return
		}
	}
	switch {
	case before, h.EndStream && !h.Unknown && !first && len(h.Fields) > 0:
		h.Kind = Trailers
	case h.From == Server:
		h.Kind = Response
	default:
		h.Kind = Request
	}
}

// pseudo says whether a field of the block is a pseudo-field.
func (h *Head) pseudo() bool {
	return slices.ContainsFunc(h.Fields, func(f hpack.Field) bool { return bytes.HasPrefix(f.Name, []byte(":")) })
}
