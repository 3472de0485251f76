package event

// CloseCode is the status code of a Close frame (RFC 6455 §7.4).
type CloseCode uint16

// closeCode is what is known of a code that RFC 6455 §7.4.1 or IANA's WebSocket Close Code Number Registry lists.
type closeCode struct {
	name    string
	failure string // what its sender reports by it, where it reports a failure
	unsent  bool   // it must not stand in a frame
}

// closeCodes is the one list of close codes.
var closeCodes = map[CloseCode]closeCode{
	1000: {name: "normal closure"},
	1001: {name: "going away"},
	1002: {name: "protocol error", failure: "it saw the other side break the protocol"},
	1003: {name: "unsupported data", failure: "it does not take this kind of data (text or binary)"},
	1004: {name: "reserved"},
	1005: {name: "no status received", unsent: true},
	1006: {name: "abnormal closure", unsent: true},
	1007: {name: "invalid frame payload data",
		failure: "it got data of the wrong kind, as text that is not UTF-8"},
	1008: {name: "policy violation", failure: "its policy forbids what it got (authentication, rate, origin)"},
	1009: {name: "message too big", failure: "it got a message larger than it takes"},
	1010: {name: "mandatory extension", failure: "it needs an extension that the server did not accept"},
	1011: {name: "internal error",
		failure: "it failed by itself (an exception, or a ping of its own that was not answered)"},
	1012: {name: "service restart", failure: "the service restarts"},
	1013: {name: "try again later", failure: "the service is overloaded, try again later"},
	1014: {name: "bad gateway", failure: "it is a gateway that got a bad answer from its backend"},
	1015: {name: "TLS handshake", unsent: true},
	3000: {name: "unauthorized"},
	3003: {name: "forbidden"},
	3008: {name: "timeout"},
}

// CloseRange is one of the ranges of RFC 6455 §7.4.2.
type CloseRange uint8

const (
	CloseInvalid   CloseRange = iota // 0 to 999, 5000 and up
	CloseProtocol                    // 1000 to 2999: for this protocol and its extensions
	CloseLibraries                   // 3000 to 3999: registered by libraries and applications
	ClosePrivate                     // 4000 to 4999: by agreement
)

// Range gives the range of a code.
func (c CloseCode) Range() CloseRange {
	switch {
	case c < 1000 || c >= 5000:
		return CloseInvalid
	case c < 3000:
		return CloseProtocol
	case c < 4000:
		return CloseLibraries
	}
	return ClosePrivate
}

// Registered says that the code has an entry of its own in the registry, be it "reserved".
func (c CloseCode) Registered() bool {
	_, known := closeCodes[c]
	return known
}

// Assigned says that the code has an entry of its own, or is of a range that is free to use.
func (c CloseCode) Assigned() bool {
	return c.Registered() || c.Range() == CloseLibraries || c.Range() == ClosePrivate
}

// MayBeSent says that the code may stand in a Close frame.
func (c CloseCode) MayBeSent() bool { return c.Assigned() && !closeCodes[c].unsent }

// Failure says what the sender of the code reports by it, "" where it reports no failure.
func (c CloseCode) Failure() string {
	if known := closeCodes[c]; known.failure != "" {
		return known.failure
	}
	switch c.Range() {
	case CloseLibraries:
		if c.Registered() {
			return "a code that libraries have registered"
		}
		return "a code whose meaning is the application's own"
	case ClosePrivate:
		return "a code whose meaning is the application's own"
	}
	return ""
}

// String is the registered name in lower case, else the name of the range: "unassigned", "registered for libraries",
// "private use", "invalid".
func (c CloseCode) String() string {
	if name := closeCodes[c].name; name != "" {
		return name
	}
	return [...]string{
		CloseInvalid: "invalid", CloseProtocol: "unassigned", CloseLibraries: "registered for libraries", ClosePrivate: "private use",
	}[c.Range()]
}
