package h2conn

import (
	"slices"

	"wshake/analyze/check"
	"wshake/analyze/event"
	"wshake/analyze/http2"
	"wshake/analyze/internal/httpstream"
)

// fault has a broken rule of HTTP/2 judged, where it is what a WebSocket fails by: what concerns the whole connection
// also where one is asked for later.
func (l *Layer) fault(f *http2.Fault) {
	if f.Kind.Fatal() {
		l.maker.Findings(l.maker.Checks.Streams(l.below.Conn, &check.Streams{Fault: f}))
		return
	}
	whole := f.Connection()
	for _, s := range l.streams.Open() {
		if whole || uint64(f.Stream) == s.ID {
			l.broken(s, f)
		}
	}
	if whole {
		l.faults = append(l.faults, *f) // each kind is told once of a side
	}
}

// broken has a broken rule judged for a stream.
func (l *Layer) broken(s *httpstream.Stream, f *http2.Fault) {
	if s.Asked() {
		s.Tell(l.maker.Checks.Streams(s.Conn, &check.Streams{Fault: f, Stream: s.ID}))
	}
}

const (
	// stalledLong is how long a window is closed before it is told, ns.
	stalledLong = 1e9
	// resumedSoon is how soon a side sends on that has waited for a window, ns: a round trip.
	resumedSoon = 1e9
)

// Stalled takes a window that was closed.
func (r *handler) Stalled(st *http2.Stall) {
	l := r.layer()
	if st.Over && (st.Reopened.Time-st.Since.Time < stalledLong || st.Resumed.Time-st.Reopened.Time > resumedSoon) {
		return // too short, or nothing waited for the window
	}
	if st.Over && st.Stream == 0 {
		l.stall, l.resumedOn = *st, l.resumedOn[:0] // what is sent next tells which streams waited
		return
	}
	for _, s := range l.streams.Open() {
		if st.Stream == 0 || uint64(st.Stream) == s.ID {
			l.stalled(s, st)
		}
	}
}

// resumed has a stall of the whole connection judged for a stream that sends on behind it.
func (l *Layer) resumed(s *httpstream.Stream, side event.Side, at event.At) {
	st := &l.stall
	switch {
	case !st.Over || st.From != side:
	case at.Time-st.Reopened.Time > resumedSoon:
		l.stall = http2.Stall{}
	case !slices.Contains(l.resumedOn, s.ID):
		l.resumedOn = append(l.resumedOn, s.ID)
		l.stalled(s, st)
	}
}

// stalled has a closed window judged, if the stream had something to send.
func (l *Layer) stalled(s *httpstream.Stream, st *http2.Stall) {
	top := s.Top()
	if top == nil || st.Stream == 0 && st.Since.Ordinal < s.First().Ordinal {
		return
	}
	if !st.Over {
		// That there was more to send is only known inside a frame.
		if top, ok := top.(interface{ Inside(event.Side) bool }); !ok || !top.Inside(st.From) {
			return
		}
	}
	l.maker.Findings(l.maker.Checks.Streams(s.Conn, &check.Streams{Stall: st, Last: s.Last()}))
}
