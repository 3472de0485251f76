package hpack

import "wshake/analyze/http2/hpack/primitive"

// Field is a field line of a header block. What it points at is borrowed until the next block is decoded, and not to
// be changed.
type Field = primitive.Field

// Unknown says which part of a field is not known.
type Unknown = primitive.Unknown

const (
	UnknownName  = primitive.UnknownName
	UnknownValue = primitive.UnknownValue
)

// size is what a field counts in a table or list (§4.1).
func size(name, value []byte) uint64 { return uint64(len(name)) + uint64(len(value)) + 32 }
