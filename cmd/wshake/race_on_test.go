//go:build race && linux

package main

// buildFlags make the command look for races where the tests do.
var buildFlags = []string{"-race"}
