package event

import "fmt"

// String tells the finding in one line: "error accept-mismatch, packet 9, server: Sec-WebSocket-Accept .. does not
// answer key ..". The text is already escaped.
func (f *Finding) String() string {
	s := fmt.Sprintf("%s %s, packet %d", f.Level, f.Name, f.At.Number)
	if f.Fault != NoFault {
		s += ", " + f.Fault.String()
	}
	return s + ": " + f.Text
}
