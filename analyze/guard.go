package analyze

import (
	"fmt"
	"runtime/debug"
	"sync"
)

// guard takes panics of goroutines to the one that waits for them, so that Run's caller can put things in order.
type guard struct {
	mutex  sync.Mutex
	caught any // of the first panic
	stack  []byte
}

// call calls f and keeps its panic.
func (g *guard) call(f func()) {
	defer func() {
		if v := recover(); v != nil {
			g.mutex.Lock()
			defer g.mutex.Unlock()
			if g.caught == nil {
				g.caught, g.stack = v, debug.Stack()
			}
		}
	}()
	f()
}

// check panics if a call has.
func (g *guard) check() {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if g.caught != nil {
		panic(fmt.Sprintf("%v\n\n%s", g.caught, g.stack))
	}
}
