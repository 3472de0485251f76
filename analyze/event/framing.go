package event

// Doubt is what makes programs disagree about where the body of a message ends (RFC 9112 §6.3, §11.2).
type Doubt uint16

const (
	LengthWithCoding   Doubt = 1 << iota // Content-Length beside Transfer-Encoding
	LengthsDiffer                        // several values of Content-Length that differ
	LengthRepeated                       // several values of Content-Length that are equal
	LengthMalformed                      // a Content-Length that is no number: signed, empty, hexadecimal
	LengthHuge                           // a Content-Length of more than 63 bits
	CodingUnknown                        // a Transfer-Encoding whose last member is not chunked
	CodingRepeated                       // chunked more than once
	CodingOddlySpelled                   // Transfer-Encoding in quotes, with a control octet, or a parameter
	CodingInOldHTTP                      // Transfer-Encoding below HTTP/1.1
	NameOddlySpelled                     // a blank or control octet in the name of one of the two fields
	FramingFolded                        // one of the two fields is folded
)

// Framing is what a head says of its body, as far as programs may disagree on it.
type Framing struct {
	Doubts  Doubt
	Lengths []string // the values of Content-Length, as sent, the first few
	Codings []string // likewise of Transfer-Encoding
}

// Doubtful is an ordinary message on whose length programs may disagree. Its texts are cut.
type Doubtful struct {
	StartLine string
	Answer    bool // else it is a request
	Last      At   // the packet of its last octet
	Framing   Framing
}
