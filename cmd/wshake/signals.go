package main

import (
	"context"
	"os"
	"os/signal"
	"time"

	"wshake/cmd/wshake/outfile"
)

// abandonIn is how long the second signal waits for the names of incomplete files to go: a file system may not answer.
const abandonIn = 200 * time.Millisecond

// endOn makes a context that the first of some signals ends. The second ends the process at once, as if nobody had
// asked for it, but without the files that are not complete.
func endOn(signals []os.Signal, outputs *outfile.Guard) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	came := make(chan os.Signal, 2)
	over := make(chan struct{})
	signal.Notify(came, signals...)
	go func() {
		select {
		case <-came:
			cancel()
		case <-over:
			return
		}
		select {
		case s := <-came:
			gone := make(chan struct{})
			go func() {
				outputs.Abandon()
				close(gone)
			}()
			select {
			case <-gone:
			case <-time.After(abandonIn):
			}
			dieOf(s)
		case <-over:
		}
	}()
	return ctx, func() {
		signal.Stop(came)
		close(over)
		cancel()
	}
}
