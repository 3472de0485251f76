package event

// Side is one of the two peers, used as an index.
type Side uint8

// The peers.
const (
	Client Side = iota
	Server
)

// String is "client" or "server".
func (s Side) String() string { return [...]string{"client", "server"}[s&1] }

// Other is the opposite side.
func (s Side) Other() Side { return s ^ 1 }
