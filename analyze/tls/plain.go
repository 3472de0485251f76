package tls

import (
	"math"
	"wshake/analyze/event"
)

// Plain is told what a [Conn] reads. Its methods are called from within those of the Conn, which they must not call.
// Per side Data and Gap come in stream order, then one End. Hello comes once, before everything else but an Alert or
// the first End.
type Plain interface {
	// Hello tells what the handshake said, as far as it was seen; at is the packet that ended it, or that made it clear
	// that no more of it would be read.
	Hello(at At, h *Hello)
	// Data delivers application data, which authenticated. p is borrowed until Data returns. at is the packet that
	// completed the record; at.Acked, where known, is a lower bound and counts application data of the other side.
	Data(side event.Side, at At, p []byte)
	// Gap says that n octets of application data were lost, or an Unknown number; at is the packet that made it certain.
	Gap(side event.Side, at At, n uint64)
	// Alert tells of an alert. One that is sent before the keys are agreed is not authenticated.
	Alert(side event.Side, at At, a Alert)
	// Undecryptable says that nothing is delivered of a side from here on but its End, and why: once per side at most.
	Undecryptable(side event.Side, at At, why Reason)
	// End says that the side's octets are over, whether they could be decrypted or not.
	End(side event.Side, at At, why End)
}

// Unknown is the size of a gap that may have held any number of octets, none included: the lost records do not tell
// how much application data they carried.
const Unknown = math.MaxUint64

// Reason says why records cannot be opened.
type Reason uint8

const (
	NoSecret           Reason = iota + 1 // the key log has no secret for them
	ExchangeMissing                      // the key log has a pre-master secret, and a message that leads from it to theirs was lost
	WrongSecret                          // no record authenticates under the secret that the key log has
	HandshakeMissing                     // a hello was not captured
	HandshakeMalformed                   // a hello, or what stands in its place, is none
	HandshakeTooLarge                    // a hello is larger than MaxMessage
	UnsupportedVersion                   // neither TLS 1.2 nor TLS 1.3
	UnsupportedSuite                     // the cipher suite is none that is opened here
	Compressed                           // the records are compressed (RFC 3749)
	OutOfStep                            // too many records in a row were lost or damaged
)

var reasonTexts = [...]string{
	NoSecret:           "no secret for it in the key log",
	ExchangeMissing:    "a message of the TLS handshake that its secret depends on was not captured",
	WrongSecret:        "the secret in the key log does not fit",
	HandshakeMissing:   "the beginning of the TLS handshake was not captured",
	HandshakeMalformed: "the TLS handshake is malformed",
	HandshakeTooLarge:  "the TLS handshake is too large",
	UnsupportedVersion: "the TLS version is not supported",
	UnsupportedSuite:   "the cipher suite is not supported",
	Compressed:         "TLS compression is not supported",
	OutOfStep:          "too many TLS records in a row were lost or damaged",
}

// String is a clause in lower case.
func (r Reason) String() string {
	if int(r) < len(reasonTexts) {
		return reasonTexts[r]
	}
	return ""
}
