package main

import (
	"math"
	"runtime/debug"

	"wshake/analyze"
)

// limitMemory keeps the run to about n octets; 0 stands for the default, and then GOMEMLIMIT goes first.
func (o *options) limitMemory(n uint64) {
	o.maxMemory = n
	if n == 0 {
		o.maxMemory = analyze.DefaultMemory
		o.config.Limits.FitMemory(analyze.DefaultMemory)
		if debug.SetMemoryLimit(-1) == math.MaxInt64 {
			debug.SetMemoryLimit(analyze.DefaultMemory)
		}
		return
	}
	o.memoryLimited = true
	o.config.Limits.FitMemory(n)
	debug.SetMemoryLimit(int64(n))
}
