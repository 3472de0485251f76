package httpstream

import (
	"cmp"
	"slices"

	"wshake/analyze/event"
	"wshake/analyze/internal/layer"
)

// Streams are the streams of a connection on which a WebSocket was asked for, or may be. Others are not in it.
type Streams struct {
	*Maker
	Transport Transport
	Below     Connection
	Name      string // of the transport in events, such as h2
	Version   string // of HTTP, such as HTTP/2
	// Judged says that a handshake event was made.
	Judged bool

	byID map[uint64]*Stream // nil until there is one: most connections carry no WebSocket
	size int                // octets that all take
	left uint64             // no stream from this id on waits for LeftOut
}

// Get is the stream of that id, nil where it is not remembered.
func (t *Streams) Get(id uint64) *Stream { return t.byID[id] }

// Len is how many are remembered.
func (t *Streams) Len() int { return len(t.byID) }

// Size is about what they take, octets.
func (t *Streams) Size() int { return t.size }

// Open are the streams that are remembered, in order.
func (t *Streams) Open() []*Stream {
	list := make([]*Stream, 0, len(t.byID))
	for _, s := range t.byID {
		list = append(list, s)
	}
	slices.SortFunc(list, byID)
	return list
}

func byID(a, b *Stream) int { return cmp.Compare(a.ID, b.ID) }

// LeftOut are the streams from an id on, in order, on which a WebSocket was asked for: GOAWAY leaves them out. A stream
// is given once, and a GOAWAY that gives none costs next to nothing: they may come by the thousand.
func (t *Streams) LeftOut(from uint64) []*Stream {
	if from >= t.left {
		return nil
	}
	t.left = 0
	var out []*Stream
	for id, s := range t.byID {
		switch {
		case s.leftOut || s.state == probing:
		case id < from:
			t.left = max(t.left, id+1)
		default:
			s.leftOut = true
			out = append(out, s)
		}
	}
	slices.SortFunc(out, byID)
	return out
}

// Add remembers a stream from now on, of which nothing is known.
func (t *Streams) Add(id uint64, first event.At) *Stream {
	s := &Stream{ID: id, streams: t, state: probing, first: first, last: first}
	s.stack.Top = layer.Ignored{}
	if t.byID == nil {
		t.byID = make(map[uint64]*Stream)
	}
	t.byID[id] = s
	return s
}

// Request takes a request. It gives back its stream if a WebSocket is asked for there or may be, nil otherwise.
func (t *Streams) Request(h *Head) *Stream {
	wants := h.asks()
	if wants == no {
		return nil
	}
	s := t.Add(h.Stream, h.First)
	s.request = h.convert(t.Version)
	s.unknown(h, s.request)
	s.heads += headMemory(s.request)
	s.count(h.Last, 0)
	if wants == yes {
		s.state = asked
		t.left = max(t.left, s.ID+1)
		s.Keep(layer.Attempted)
		t.Maker.Request(s.Conn(), s.request)
	}
	s.charge()
	return s
}
