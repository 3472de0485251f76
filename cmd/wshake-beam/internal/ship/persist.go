package ship

import (
	"context"
	"math/rand/v2"
	"time"
)

// longestPause is how many times as long as the first pause the longest one is.
const longestPause = 16

// Persist tries something until it is done, and returns nil, or until ctx is. It complains of each error. The pauses
// grow, and none is as long as that of other shippers, so that not all of a fleet come back to a server at once.
func Persist(ctx context.Context, first time.Duration, complain func(error), try func() error) error {
	for pause := first; ; pause = min(2*pause, longestPause*first) {
		err := try()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		complain(err)
		if sleep(ctx, somewhat(pause)); ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// somewhat is a duration by chance, from half of d to one and a half.
func somewhat(d time.Duration) time.Duration { return d/2 + rand.N(d) }

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
