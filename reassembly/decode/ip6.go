package decode

import (
	"encoding/binary"

	"github.com/google/gopacket/layers"
)

const ipv6Header = 40

// IPv6 extension headers that gopacket does not name.
const (
	protocolMobility = 135 // RFC 6275
	protocolHIP      = 139 // RFC 7401
	protocolShim6    = 140 // RFC 5533
)

// ipv6 decodes RFC 8200 §3.
func (d *Decoder) ipv6(b []byte) Outcome {
	if d.deeper() {
		return TooDeep
	}
	if len(b) < ipv6Header {
		return d.short(b, ipv6Header)
	}
	if b[0]>>4 != 6 {
		return Malformed
	}
	d.src, d.dst = [16]byte(b[8:24]), [16]byte(b[24:40])
	if [12]byte(d.src[:]) == [12]byte(mapped[:]) || [12]byte(d.dst[:]) == [12]byte(mapped[:]) {
		return Malformed // no host takes these, and they would pass for IPv4 in a Key (RFC 4942 §2.2)
	}
	d.hasIP = true
	length, next := binary.BigEndian.Uint16(b[4:]), b[6]
	b = b[ipv6Header:]
	if length != 0 {
		b = d.limit(b, uint32(length))
	} else if next == uint8(layers.IPProtocolIPv6HopByHop) {
		if jumbo, ok := jumboLength(b); ok {
			if uint64(jumbo) > d.wire(b) {
				return Malformed // else it could claim 4 GiB that were never on the wire
			}
			b = d.limit(b, jumbo)
		}
	} // else the packet was to be cut into segments, as in ipv4
	return d.extensions(next, b)
}

// soundIPv6 says whether b begins with an IPv6 header whose length is exactly b's (no packet is short enough to be
// padded) and that announces a usual protocol.
func (d *Decoder) soundIPv6(b []byte) bool {
	if len(b) < ipv6Header {
		return false
	}
	length, next := binary.BigEndian.Uint16(b[4:]), b[6]
	return ipv6Header+uint64(length) == d.wire(b) &&
		(carries(next) || isExtension(next) || next == uint8(layers.IPProtocolICMPv6))
}

func isExtension(next uint8) bool {
	switch layers.IPProtocol(next) {
	case layers.IPProtocolIPv6HopByHop, layers.IPProtocolIPv6Destination, layers.IPProtocolIPv6Routing,
		layers.IPProtocolIPv6Fragment, layers.IPProtocolAH, protocolMobility, protocolHIP, protocolShim6:
		return true
	}
	return false
}

// extensions walks over extension headers (RFC 8200 §4) to the protocol behind them. The Authentication Header is one
// in IPv4 as well.
func (d *Decoder) extensions(next uint8, b []byte) Outcome {
	for isExtension(next) {
		if len(b) < 8 { // no extension header is shorter
			return d.short(b, 8)
		}
		size := (int(b[1]) + 1) * 8
		switch layers.IPProtocol(next) {
		case layers.IPProtocolAH:
			size = (int(b[1]) + 2) * 4 // RFC 4302 §2.2
		case layers.IPProtocolIPv6Fragment:
			size = 8
		}
		if len(b) < size {
			return d.short(b, size)
		}
		header := b[:size]
		b = b[size:]
		switch layers.IPProtocol(next) {
		case layers.IPProtocolIPv6Routing:
			d.route(header)
		case layers.IPProtocolIPv6Fragment:
			const moreFragments, offsetMask = 1, 0xfff8
			position := binary.BigEndian.Uint16(header[2:])
			if position&(moreFragments|offsetMask) == 0 {
				break // an atomic fragment stands alone (RFC 6946)
			}
			return d.fragment(fragment{
				key:      fragmentKey{d.src, d.dst, d.tunnel, binary.BigEndian.Uint32(header[4:]), 0},
				offset:   int(position & offsetMask),
				more:     position&moreFragments != 0,
				protocol: header[0],
				data:     b,
			})
		}
		next = header[0]
	}
	return d.protocol(next, b)
}

// route makes the final destination the packet's destination, where the routing header still holds it: it is what
// the other direction comes from, and what checksums are made with (RFC 8200 §8.1).
func (d *Decoder) route(header []byte) {
	const (
		fixed                             = 8 // octets before the first address
		typeSource, typeHome, typeSegment = 0, 2, 4
	)
	left, addresses := header[3], header[fixed:]
	if left == 0 || len(addresses) < 16 {
		return
	}
	switch header[2] {
	case typeSource: // RFC 2460 §4.4
		d.dst = [16]byte(addresses[(len(addresses)/16-1)*16:])
	case typeHome, typeSegment: // RFC 6275 §6.4.1; RFC 8754 §2, where the list is in reverse order
		d.dst = [16]byte(addresses)
	}
}

// jumboLength finds the Jumbo Payload option in a hop-by-hop options header (RFC 2675 §2).
func jumboLength(b []byte) (uint32, bool) {
	const pad1, jumbo = 0x00, 0xc2
	if len(b) < 8 {
		return 0, false
	}
	options := b[2:min((int(b[1])+1)*8, len(b))]
	for len(options) >= 2 {
		if options[0] == pad1 {
			options = options[1:]
			continue
		}
		size := 2 + int(options[1])
		if size > len(options) {
			break
		}
		if options[0] == jumbo && size == 6 {
			return binary.BigEndian.Uint32(options[2:]), true
		}
		options = options[size:]
	}
	return 0, false
}
