package live

import "net/netip"

// Interface is one that can be captured from.
type Interface struct {
	Name      string
	Addresses []netip.Prefix
	State     State
}

// State says what an interface is able to do.
type State string

const (
	Up        State = "up"
	NoCarrier State = "no carrier" // it is up, but nothing is at its other end
	Down      State = "down"
)

// Interfaces lists those of the system in its own order.
func Interfaces() ([]Interface, error) { return interfaces() }
