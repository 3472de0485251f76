//go:build !linux

package main

import "io"

// unread would wait until nobody can read w any more; here the next write finds out.
func unread(io.Writer) bool { return false }
