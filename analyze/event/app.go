package event

// App is what a message says in the protocol that the applications talk, in words. Protocol and Type are words of this
// program's own lists; the other fields are what the wire says, cut to a bounded length, or "" where it says nothing.
type App struct {
	Protocol string // "socket.io", "mqtt"
	Type     string // as the protocol calls it: "EVENT", "CONNACK", "subscribe"
	ID       string // that pairs it with its answer, or names what it belongs to
	Name     string // event, topic, destination, method, operation, channel
	Error    string // what went wrong, in its own words
	Text     string // all of it in one line
	Failed   bool   // the protocol itself reports a failure: of its handshake, its session, or a whole request
}
