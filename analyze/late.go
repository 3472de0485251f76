package analyze

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"wshake/analyze/event"
	"wshake/reassembly"
)

// grace is how long a run goes on with what it has read when it is told to end. A flood of tiny frames takes seconds
// for what is on its way.
const grace = 300 * time.Millisecond

// late says that a run was told to end, and that its grace is over. What is left out then is counted.
type late struct {
	over     atomic.Bool
	segments atomic.Uint64 // that were read and not analysed
	events   uint64        // frames and messages that were not delivered
}

// watch waits for the end of ctx, until stop is called.
func (l *late) watch(ctx context.Context) (stop func()) {
	ended := context.AfterFunc(ctx, func() {
		time.AfterFunc(grace, func() { l.over.Store(true) })
	})
	return func() { ended() }
}

// tell makes a caveat of what was left out.
func (l *late) tell(to consumer, last reassembly.At) {
	segments := l.segments.Load()
	if segments+l.events == 0 {
		return
	}
	to.Caveat(&event.Caveat{At: last, Name: "interrupted",
		Text: fmt.Sprintf("the run was ended while more was read than could be told in time: %d packets were not analysed, %d frames and messages are not told",
			segments, l.events)})
}

// hurried delivers no frames and messages any more, of which there may be very many.
type hurried struct {
	consumer
	late *late
}

func (h hurried) Frame(*event.Frame)     { h.late.events++ }
func (h hurried) Message(*event.Message) { h.late.events++ }
