package quic

import "encoding/binary"

// Kind is what a packet is.
type Kind uint8

const (
	Initial Kind = iota
	ZeroRTT
	Handshake
	Retry
	Negotiation // of the version (RFC 8999 §6)
	OneRTT      // with a short header
	Unread      // of a version that is not read
)

// maxID is the length of the longest connection id of the versions that are read.
const maxID = 20

// retryTag is the length of the integrity tag behind a Retry.
const retryTag = 16

// Header is the part of a long header that is not protected (RFC 9000 §17.2). It is borrowed.
type Header struct {
	Kind        Kind
	Version     Version
	Destination []byte // connection id
	Source      []byte // connection id
	number      int    // offset of the packet number
	end         int    // offset behind the packet, of those coalesced in a datagram
}

// IsLong says that a packet begins with a long header.
func IsLong(p []byte) bool { return len(p) > 0 && p[0]&0x80 != 0 }

// ParseLong reads the long header that p, the rest of a datagram, begins with. ok is false where it is none, or the
// packet would end behind p.
func ParseLong(p []byte) (h Header, ok bool) {
	const fixed = 0x40
	h, ok = ParseGreased(p)
	return h, ok && (h.Kind == Negotiation || h.Kind == Unread || p[0]&fixed != 0)
}

// ParseGreased is ParseLong for a connection that is known: its sides may clear the fixed bit (RFC 9287 §3).
func ParseGreased(p []byte) (h Header, ok bool) {
	if len(p) < 7 || !IsLong(p) {
		return h, false
	}
	h.Version = Version(binary.BigEndian.Uint32(p[1:]))
	at := 5
	for _, id := range []*[]byte{&h.Destination, &h.Source} {
		if at >= len(p) {
			return h, false
		}
		n := int(p[at])
		if n > maxID || at+1+n > len(p) {
			return h, false
		}
		*id = p[at+1 : at+1+n]
		at += 1 + n
	}
	h.end = len(p)
	switch {
	case h.Version == 0:
		h.Kind = Negotiation
		return h, true
	case !h.Version.Known():
		h.Kind = Unread
		return h, true
	}
	bits := p[0] >> 4 & 3
	if h.Version == Version2 { // RFC 9369 §3.2: the types are rotated by one
		bits = (bits + 3) & 3
	}
	if h.Kind = Kind(bits); h.Kind == Retry {
		return h, len(p) >= at+retryTag
	}
	rest := p[at:]
	if h.Kind == Initial {
		token, behind, ok := Varint(rest)
		if !ok || token > uint64(len(behind)) {
			return h, false
		}
		rest = behind[token:]
	}
	length, rest, ok := Varint(rest)
	if !ok || length > uint64(len(rest)) {
		return h, false
	}
	h.number = len(p) - len(rest)
	h.end = h.number + int(length)
	return h, true
}
