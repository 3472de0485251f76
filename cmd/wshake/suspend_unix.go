//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// suspendSignal is what ^Z sends.
var suspendSignal os.Signal = syscall.SIGTSTP

// suspension tells when the terminal asks for it (^Z), and when the process goes on after it.
func suspension() (asked, over <-chan os.Signal, release func()) {
	a, o := make(chan os.Signal, 1), make(chan os.Signal, 1)
	signal.Notify(a, syscall.SIGTSTP)
	signal.Notify(o, syscall.SIGCONT)
	return a, o, func() {
		signal.Stop(a)
		signal.Stop(o)
	}
}

// suspend stops this process until it is told to go on.
func suspend() { syscall.Kill(os.Getpid(), syscall.SIGSTOP) }

// dieOf ends this process as a signal does that nobody handles: its parent sees which.
func dieOf(s os.Signal) {
	signal.Reset(s)
	syscall.Kill(os.Getpid(), s.(syscall.Signal))
}
