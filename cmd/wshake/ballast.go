package main

import (
	"os"
	"runtime/debug"
	"sync"
)

// ballast is what the garbage collector takes for memory in use, 16 MiB. It collects when as much has been allocated
// as is in use, so that a run which keeps little would collect all the time; with the ballast it lets that much be
// allocated in between at least. Nothing is ever written to it, so it is address space and no memory.
var ballast = sync.OnceValue(func() []byte { return make([]byte, 16<<20) })

// growth is by how much, in per cent, memory in use may grow until the garbage collector runs, where GOGC does not say.
// Less than Go's 100 costs no time that can be measured here, and a fifth less memory.
var growth = 60

// trim says how often the garbage collector runs, and makes the ballast. Where memory is limited there is none: the
// limit counts it.
func (o *options) trim() {
	if o.memoryLimited {
		return
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(growth)
	}
	ballast()
}
