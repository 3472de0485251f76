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
