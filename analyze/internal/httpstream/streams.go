package httpstream

import (
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
	slices.SortFunc(list, func(a, b *Stream) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	return list
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
		s.Keep(layer.Attempted)
		t.Maker.Request(s.Conn(), s.request)
	}
	s.charge()
	return s
}
