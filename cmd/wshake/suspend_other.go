//go:build !unix

package main

import "os"

// suspendSignal is what ^Z sends: nothing.
var suspendSignal os.Signal

// suspension never happens where there is no job control.
func suspension() (asked, over <-chan os.Signal, release func()) { return nil, nil, func() {} }

func suspend() {}
