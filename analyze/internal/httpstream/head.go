package httpstream

import (
	"wshake/analyze/event"
	"wshake/analyze/http2/hpack/primitive"
)

// Head is a header block. It is borrowed.
type Head struct {
	Interim     bool // an answer with a status of 1xx
	From        event.Side
	Stream      uint64
	Fields      []primitive.Field
	Unknown     bool     // a part of a field is not known
	Dropped     int      // fields beyond the limits, which are not in Fields
	First, Last event.At // the packets of its first octet and of its last
	Octets      int      // of the block as sent
}

// answer is whether a request asks for a WebSocket.
type answer uint8

const (
	no answer = iota
	yes
	perhaps // what would tell is not known
)

// asks reads the fields as they are: nothing is kept of an ordinary request.
func (h *Head) asks() answer {
	if h.From != event.Client {
		return no
	}
	connect, named := false, false
	for i := range h.Fields {
		f := &h.Fields[i]
		if f.Unknown&primitive.UnknownName != 0 {
			continue
		}
		switch name := f.Name; {
		case string(name) == ":protocol", websocketField(name), event.EqualFold(string(name), "upgrade"):
			return yes
		case string(name) == ":method":
			connect, named = f.Unknown != 0 || string(f.Value) == "CONNECT", true
		}
	}
	if h.Unknown && (!named || connect) {
		return perhaps
	}
	return no
}

// OfWebSocket reports whether a head says something of WebSocket beside :protocol.
func (h *Head) OfWebSocket() bool {
	for i := range h.Fields {
		if f := &h.Fields[i]; f.Unknown&primitive.UnknownName == 0 && websocketField(f.Name) {
			return true
		}
	}
	return false
}

// websocketField says whether a name begins with Sec-WebSocket-.
func websocketField(name []byte) bool {
	return len(name) > 14 && event.EqualFold(string(name[:14]), "sec-websocket-")
}

// convert makes a head of the form that all transports have: pseudo-fields stand first, and Method, Target and Status
// repeat them.
func (h *Head) convert(version string) *event.Head {
	e := &event.Head{Version: version, First: h.First, Last: h.Last, Length: uint64(h.Octets)}
	e.First.Acked, e.Last.Acked = -1, -1
	if h.Unknown || h.Dropped > 0 {
		e.Cut = event.CutFields // what is not known was sent, too
	}
	e.Reserve(len(h.Fields))
	for i := range h.Fields {
		f := &h.Fields[i]
		if f.Unknown != 0 {
			continue // the caveats tell it
		}
		field := event.Field{Name: string(f.Name), Value: string(f.Value)}
		switch field.Name {
		case ":method":
			e.Method = field.Value
		case ":path":
			e.Target = field.Value
		case ":status":
			e.Status = status(field.Value)
		}
		e.Add(field)
	}
	return e
}

// status reads a status code; 0 where it is none.
func status(s string) (n int) {
	if len(s) != 3 {
		return 0
	}
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0
		}
		n = 10*n + int(c-'0')
	}
	return n
}
