package tls

// Resumption says whether a handshake continued an earlier session.
type Resumption uint8

const (
	ResumptionUnknown Resumption = iota
	Fresh
	Resumed // by session id or ticket (RFC 5246 §7.3, RFC 5077), or by a pre-shared key (RFC 8446 §2.2)
)

// Hello is what the handshake said. What was sent by a peer is as sent, and may hold any octets.
type Hello struct {
	// Client and Server say whether their hellos were read; what follows from one that was not is empty.
	Client, Server bool

	SNI         string   // the host name asked for, "" if none
	ALPNOffered []string // nil if the extension is missing
	ECH         bool     // encrypted_client_hello is present; what SNI says may then be a cover (RFC 9849)
	JA3, JA4    string   // of the (first) ClientHello

	Version Version // chosen
	Suite   Suite
	// ALPN is the protocol chosen, "" if none; valid if ALPNKnown, for TLS 1.3 encrypts it.
	ALPN      string
	ALPNKnown bool
	Retried   bool // the server asked for another ClientHello (HelloRetryRequest)
	Session   Resumption
	// Names are those in the server's certificate, at most 100: DNS names, IP addresses, or else its common name. nil if
	// it was not seen.
	Names []string
}
