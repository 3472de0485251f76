package deflate

import (
	"errors"
	"fmt"
)

// ErrStopped is returned once after Discard.
var ErrStopped = errors.New("message discarded")

// CorruptError says that a message does not inflate, whatever came before it.
type CorruptError struct {
	Offset int64  // of the octet, in the message's compressed octets, where the faulty element begins
	Reason string // lower case, no full stop
}

func (e *CorruptError) Error() string {
	return fmt.Sprintf("corrupt deflate data at octet %d: %s", e.Offset, e.Reason)
}

// UnknownHistoryError says that a message refers to octets sent before those we know. The message may well be right: it
// is our sight that is limited.
type UnknownHistoryError struct {
	Offset   int64 // of the octet, in the message's compressed octets, where the reference begins
	Distance int   // octets back, 1 to 32768
	Known    int   // octets of history known at that point
}

func (e *UnknownHistoryError) Error() string {
	return fmt.Sprintf("reference %d octets back at octet %d, only %d are known", e.Distance, e.Offset, e.Known)
}
