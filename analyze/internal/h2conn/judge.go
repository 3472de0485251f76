package h2conn

import (
	"wshake/analyze/check"
	"wshake/analyze/event"
	"wshake/analyze/http2"
	"wshake/analyze/internal/httpstream"
)

// fault has a broken rule of HTTP/2 judged, where it is what a WebSocket fails by.
func (l *Layer) fault(f *http2.Fault) {
	l.maker.Findings(l.maker.Checks.Streams(l.below.Conn, &check.Streams{Fault: f}))
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
