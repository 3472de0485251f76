//go:build !unix

package main

import "time"

var started = time.Now()

// cpuTime is at most how much the process has computed so far.
func cpuTime() time.Duration { return time.Since(started) }
