package report

import (
	"io"

	"wshake/analyze/event"
)

// Text prints for people: a table of the handshakes and what is to be said about them, or, where frames or messages
// are shown, a log with a line per event.
type Text struct{ view }

// view is one of the two.
type view interface {
	event.Receiver
	// Pause shows what has been seen so far: a live capture calls it when no packet waits.
	Pause() error
	// Flush ends the report and returns the first error of any write.
	Flush() error
	// Err returns the first error of any write so far.
	Err() error
}

// NewText writes to w.
func NewText(w io.Writer, o Options) *Text {
	if o.shows(event.KindFrame | event.KindMessage) {
		return &Text{newLog(w, o)}
	}
	return &Text{newOverview(w, o)}
}
