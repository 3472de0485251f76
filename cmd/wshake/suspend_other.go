//go:build !unix

package main

import "os"

// suspendSignal is what ^Z sends: nothing.
var suspendSignal os.Signal

// suspension never happens where there is no job control.
func suspension() (asked, over <-chan os.Signal, release func()) { return nil, nil, func() {} }

func suspend() {}

// dieOf ends this process.
func dieOf(os.Signal) { os.Exit(exitInput) }
