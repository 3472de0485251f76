package capture

import (
	"errors"
	"fmt"
	"io"
)

// cutOffError is the end of a file inside what should have been longer.
type cutOffError struct {
	what      string
	has, want int64 // octets
	cause     error // of a compressed stream that was cut off, nil if the file itself ended
}

func (c *cutOffError) Error() string {
	s := "cut off inside " + c.what
	if c.cause != nil {
		s = c.cause.Error() + ", " + s
	}
	return s
}

func (c *cutOffError) Unwrap() error { return io.ErrUnexpectedEOF }

// wholeFile is the offset of a problem that has no place inside its file.
const wholeFile = -1

// problemText is one line: what, in which file, where, and how much was read before it.
func problemText(p *Problem) string {
	path := p.Path
	if path == stdin {
		path = "standard input"
	}
	if path == "" {
		return p.Err.Error() // which names the path itself
	}
	s := fmt.Sprintf("%s: %v", path, p.Err)
	if p.Offset == wholeFile {
		return s
	}
	s += fmt.Sprintf(" at offset %d", p.Offset)
	if c := (*cutOffError)(nil); errors.As(p.Err, &c) && c.want > 0 {
		s += fmt.Sprintf(" (has %d of %d octets)", c.has, c.want)
	}
	switch {
	case p.Harmless:
		return s
	case p.Packet == 0:
		return s + "; no packet before it was read"
	case p.Packet == 1:
		return s + "; 1 packet before it was read"
	}
	return s + fmt.Sprintf("; %d packets before it were read", p.Packet)
}
