package event

// Receiver takes events in the order of the run. What it is given is borrowed until it returns, except heads and
// findings, which do not change.
type Receiver interface {
	Handshake(*Handshake)
	Frame(*Frame)
	Message(*Message)
	Connection(*Connection)
	Finding(*Finding)
	Caveat(*Caveat)
	Summary(*Summary)
}

// Ignore is a Receiver that does nothing. Embed it in one that wants some kinds of events only.
type Ignore struct{}

func (Ignore) Handshake(*Handshake)   {}
func (Ignore) Frame(*Frame)           {}
func (Ignore) Message(*Message)       {}
func (Ignore) Connection(*Connection) {}
func (Ignore) Finding(*Finding)       {}
func (Ignore) Caveat(*Caveat)         {}
func (Ignore) Summary(*Summary)       {}

// Event is one of the events that a Receiver takes: *Handshake, *Frame, *Message, *Connection, *Finding, *Caveat or
// *Summary.
type Event interface {
	// EventKind is the one kind that the event is of.
	EventKind() Kinds
}

func (*Handshake) EventKind() Kinds  { return KindHandshake }
func (*Frame) EventKind() Kinds      { return KindFrame }
func (*Message) EventKind() Kinds    { return KindMessage }
func (*Connection) EventKind() Kinds { return KindConnection }
func (*Finding) EventKind() Kinds    { return KindFinding }
func (*Caveat) EventKind() Kinds     { return KindCaveat }
func (*Summary) EventKind() Kinds    { return KindSummary }
