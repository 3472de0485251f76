package http1

import "fmt"

// SyntaxError is a place where a peer broke the grammar of HTTP/1.x.
type SyntaxError struct {
	Offset  uint64 // octets into the direction's stream
	Section string // the rule that was broken: "RFC 9112 §4"
	Text    string // what was wrong, one line, values quoted and clipped
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("offset %d: %s (%s)", e.Offset, e.Text, e.Section)
}

// clip shortens a value for an error text, which must not grow with what a peer sends.
func clip[T string | []byte](s T) T {
	const most = 64
	return s[:min(len(s), most)]
}
