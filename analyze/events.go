package analyze

import (
	"context"
	"iter"

	"wshake/analyze/event"
	"wshake/capture"
)

// Events analyses src as [Run] does and yields its events in order: *event.Handshake, *event.Frame, *event.Message,
// *event.Connection, *event.Finding, *event.Caveat, and last an *event.Summary. The error is not nil at most once,
// behind the last event, where Run would return it. An event is borrowed until the loop goes on, except heads and
// findings. A loop that is left ends the analysis.
func Events(ctx context.Context, src capture.Source, cfg Config) iter.Seq2[event.Event, error] {
	return func(yield func(event.Event, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		y := &yielder{yield: yield, stop: cancel}
		if err := Run(ctx, src, cfg, y); err != nil && !y.left {
			yield(nil, err)
		}
	}
}

// yielder is the Receiver of a range loop.
type yielder struct {
	yield func(event.Event, error) bool
	stop  func()
	left  bool // the loop was left
}

func (y *yielder) give(e event.Event) {
	if !y.left && !y.yield(e, nil) {
		y.left = true
		y.stop()
	}
}

func (y *yielder) Handshake(h *event.Handshake)   { y.give(h) }
func (y *yielder) Frame(f *event.Frame)           { y.give(f) }
func (y *yielder) Message(m *event.Message)       { y.give(m) }
func (y *yielder) Connection(c *event.Connection) { y.give(c) }
func (y *yielder) Finding(f *event.Finding)       { y.give(f) }
func (y *yielder) Caveat(c *event.Caveat)         { y.give(c) }
func (y *yielder) Summary(s *event.Summary)       { y.give(s) }
