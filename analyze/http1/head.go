package http1

import "wshake/analyze/event"

// Kind is what a direction carries.
type Kind uint8

const (
	Request Kind = iota
	Response
)

// head is a head that is being read.
type head struct {
	event.Head
	kind Kind
	odd  bool // its request line is none
}

// Tokens returns the members of a #list field such as Connection or Upgrade, from all its lines: see [List9110].
func Tokens(h *event.Head, name string) []string { return List9110(h.Values(name)) }
