package tls

import "encoding/binary"

// Verdict is what the first octets of a stream say.
type Verdict uint8

const (
	More Verdict = iota // not enough octets to tell
	Yes
	No
)

// LooksLikeClientHello tells whether prefix begins a record with a ClientHello (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2).
// It needs 10 octets at most. The ClientHello of SSL 2.0 is none.
func LooksLikeClientHello(prefix []byte) Verdict { return looksLikeHello(prefix, typeClientHello) }

// LooksLikeServerHello tells the same of a ServerHello (RFC 8446 §4.1.3, RFC 5246 §7.4.1.3).
func LooksLikeServerHello(prefix []byte) Verdict { return looksLikeHello(prefix, typeServerHello) }

func looksLikeHello(prefix []byte, message messageType) Verdict {
	if len(prefix) > 0 && contentType(prefix[0]) != handshake {
		return No
	}
	if v := LooksLikeRecord(prefix); v != Yes {
		return v
	}
	// The message: type, length in three octets, version. Its first octets may be a record's only ones.
	body := prefix[headerSize:min(len(prefix), headerSize+int(binary.BigEndian.Uint16(prefix[3:])))]
	for i, c := range body[:min(len(body), 5)] {
		switch {
		case i == 0 && messageType(c) != message,
			i == 1 && c > MaxMessage>>16,
			i == 4 && c != 3:
			return No
		}
	}
	if len(body) < 5 {
		return More
	}
	return Yes
}

// LooksLikeRecord tells whether prefix begins with the header of a TLS record of any kind, 5 octets. That is weak
// evidence: one in about twenty million random prefixes passes. It is meant for the first segment of a connection
// whose beginning was not captured, of which nothing can be decrypted.
func LooksLikeRecord(prefix []byte) Verdict {
	for i, c := range prefix[:min(len(prefix), headerSize)] {
		switch {
		case i == 0 && (contentType(c) < changeCipherSpec || contentType(c) > applicationData),
			i == 1 && c != 3,
			i == 2 && c > 4:
			return No
		}
	}
	if len(prefix) < headerSize {
		return More
	}
	if n := binary.BigEndian.Uint16(prefix[3:]); n == 0 || n > maxFragment {
		return No
	}
	return Yes
}
