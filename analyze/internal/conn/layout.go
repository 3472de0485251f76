//go:build amd64 || arm64

package conn

import (
	"unsafe"

	"wshake/analyze/internal/layer"
)

const (
	cacheLine = 64
	// ofSegments is where that part of a Conn ends which every segment needs.
	ofSegments = unsafe.Offsetof(Conn{}.stack) + unsafe.Offsetof(layer.Stack{}.Heard) +
		unsafe.Sizeof(layer.Stack{}.Heard)
)

// With many connections open, time is spent on waiting for memory: see Conn. A constant below zero here says that a
// field moved what every segment needs out of the first line of cache.
var _ [cacheLine - ofSegments]struct{}
