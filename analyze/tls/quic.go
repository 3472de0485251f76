package tls

// What QUIC (RFC 9001 §4) needs of TLS: there the messages come without records, and QUIC has keys of its own.

// Messages puts the handshake messages of one side at one level of encryption together. The zero Messages is ready.
type Messages struct{ list messages }

// Add takes octets in order and calls take with each message that they complete, until it is false. A body is
// borrowed; it is nil of a message that is larger than MaxMessage.
func (m *Messages) Add(p []byte, take func(kind uint8, body []byte) bool) {
	m.list.add(p, func(one message) bool { return take(uint8(one.kind), one.body) })
}

// Memory is what is kept of the message at hand, octets.
func (m *Messages) Memory() int { return cap(m.list.partial) }

// The types of the messages that QUIC reads.
const (
	MessageClientHello         = uint8(typeClientHello)
	MessageServerHello         = uint8(typeServerHello)
	MessageEncryptedExtensions = uint8(typeEncryptedExtensions)
	MessageCertificate         = uint8(typeCertificate)
)

// ReadClientHello adds a ClientHello that came in QUIC to h, and gives its random. Of two that a HelloRetryRequest made
// necessary the first one counts.
func (h *Hello) ReadClientHello(body []byte) (random [32]byte, ok bool) {
	c := parseClientHello(body)
	if c == nil {
		return random, false
	}
	if !h.Client {
		h.Client, h.SNI, h.ALPNOffered, h.ECH = true, c.serverName, c.protocols, c.ech
		h.JA3, h.JA4 = c.ja3(), c.ja4('q')
	}
	return c.random, true
}

// ReadServerHello adds a ServerHello to h. It is a HelloRetryRequest where h.Server stays false.
func (h *Hello) ReadServerHello(body []byte) (ok bool) {
	s := parseServerHello(body)
	switch {
	case s == nil:
		return false
	case s.random == retry:
		h.Retried = true
		return true
	}
	h.Server, h.Version, h.Suite = true, Version(s.version), s.suite
	h.Session = Fresh
	if s.psk {
		h.Session = Resumed
	}
	return true
}

// ReadEncryptedExtensions adds what the server chose to h.
func (h *Hello) ReadEncryptedExtensions(body []byte) {
	h.ALPN, h.ALPNKnown = parseEncryptedExtensions(body).protocol, true
}

// ReadCertificate adds the names in the server's certificate to h.
func (h *Hello) ReadCertificate(body []byte) {
	if names, ok := certificateNames(versionTLS13, body); ok {
		h.Names = names
	}
}
