package handshake

import (
	"strconv"

	"wshake/analyze/event"
	"wshake/analyze/http1"
)

// The negotiation of permessage-deflate: RFC 7692 §7.1.

// Deflate is the name of the extension.
const Deflate = "permessage-deflate"

// DeflateElement is one permessage-deflate of an offer or answer.
type DeflateElement struct {
	Text   string // as sent
	Params DeflateParams
	Faults []DeflateFault // what makes its parameters illegal, in their order, at most MaxJudged of them
	More   int            // faults beyond those
}

// MaxJudged is how many elements of an offer or answer, and faults of each, are told apart. Nobody means so many; the
// rest is counted, so that a hostile head costs no more than its octets.
const MaxJudged = 64

// DeflateParams are the parameters of RFC 7692 §7.1.1 and §7.1.2. Bits are 0 where the parameter is absent, -1
// where it came without a legal value.
type DeflateParams struct {
	ServerBits, ClientBits             int
	ServerNoTakeover, ClientNoTakeover bool
}

// DeflateFault is a parameter that RFC 7692 §7.1 does not allow.
type DeflateFault struct {
	Kind        DeflateFaultKind
	Name, Value string
}

// DeflateFaultKind says what is wrong with a parameter.
type DeflateFaultKind uint8

const (
	UnknownParam  DeflateFaultKind = iota // no parameter of permessage-deflate
	RepeatedParam                         // came before in the same element
	ValueUnwanted                         // has a value, and must have none
	ValueMissing                          // has no value, and must have one
	ValueIllegal                          // no number from 8 to 15
)

// role tells an element of an offer from one of an answer.
type role bool

const (
	offered  role = false
	answered role = true
)

// deflateElements adds to list what of extensions is permessage-deflate.
func deflateElements(list []DeflateElement, extensions []http1.Extension, r role) []DeflateElement {
	for i := range extensions {
		if len(list) == MaxJudged {
			break
		}
		if extensions[i].Name == Deflate {
			list = append(list, readDeflate(&extensions[i], r))
		}
	}
	return list
}

// readDeflate reads the parameters of one element. client_max_window_bits may lack its value in an offer only.
func readDeflate(e *http1.Extension, r role) DeflateElement {
	d := DeflateElement{Text: e.Text}
	fault := func(kind DeflateFaultKind, q *http1.Param) {
		if len(d.Faults) == MaxJudged {
			d.More++
			return
		}
		d.Faults = append(d.Faults, DeflateFault{kind, q.Name, q.Value})
	}
	var known [4]bool           // that were met
	var unknown map[string]bool // likewise
	for i := range e.Params {
		q := &e.Params[i]
		n := deflateParam(q.Name)
		if n < 0 {
			if unknown[q.Name] {
				fault(RepeatedParam, q)
				continue
			}
			if unknown == nil {
				unknown = make(map[string]bool)
			}
			unknown[q.Name] = true
			fault(UnknownParam, q)
			continue
		}
		if known[n] {
			fault(RepeatedParam, q)
			continue
		}
		known[n] = true
		switch n {
		case serverTakeover, clientTakeover:
			if q.HasValue {
				fault(ValueUnwanted, q)
			}
			if n == serverTakeover {
				d.Params.ServerNoTakeover = true
			} else {
				d.Params.ClientNoTakeover = true
			}
		default:
			bits := -1
			switch {
			case q.HasValue:
				if b, err := strconv.Atoi(q.Value); err != nil || b < 8 || b > 15 || strconv.Itoa(b) != q.Value {
					fault(ValueIllegal, q)
				} else {
					bits = b
				}
			case n == serverBits || r == answered:
				fault(ValueMissing, q)
			}
			if n == serverBits {
				d.Params.ServerBits = bits
			} else {
				d.Params.ClientBits = bits
			}
		}
	}
	return d
}

const (
	serverTakeover = iota
	clientTakeover
	serverBits
	clientBits
)

// deflateParam gives the number of a parameter, -1 where it is none of permessage-deflate.
func deflateParam(name string) int {
	switch name {
	case "server_no_context_takeover":
		return serverTakeover
	case "client_no_context_takeover":
		return clientTakeover
	case "server_max_window_bits":
		return serverBits
	case "client_max_window_bits":
		return clientBits
	}
	return -1
}

// agreed gives the effective parameters of an accepted permessage-deflate. Absent bits mean 15, absent
// no_context_takeover means that takeover is allowed (RFC 7692 §7.1.1, §7.1.2).
func (d *DeflateElement) agreed() *event.Deflate {
	p := &d.Params
	agreed := &event.Deflate{WindowBits: [2]int{15, 15}, NoContextTakeover: [2]bool{p.ClientNoTakeover, p.ServerNoTakeover}}
	if p.ClientBits > 0 {
		agreed.WindowBits[event.Client] = p.ClientBits
	}
	if p.ServerBits > 0 {
		agreed.WindowBits[event.Server] = p.ServerBits
	}
	return agreed
}
