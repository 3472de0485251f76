package decode

import (
	"encoding/binary"

	"github.com/google/gopacket/layers"
)

const ipv4Header = 20

// mapped is the prefix of an IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2).
var mapped = [16]byte{10: 0xff, 11: 0xff}

// ipv4 decodes RFC 791 §3.1.
func (d *Decoder) ipv4(b []byte) Outcome {
	const moreFragments, offsetMask = 0x2000, 0x1fff
	if d.deeper() {
		return TooDeep
	}
	if len(b) < ipv4Header {
		return d.short(b, ipv4Header)
	}
	header := int(b[0]&0x0f) * 4
	total := binary.BigEndian.Uint16(b[2:])
	if b[0]>>4 != 4 || header < ipv4Header || total != 0 && int(total) < header {
		return Malformed
	}
	if len(b) < header {
		return d.short(b, header)
	}
	if d.checksums && onesComplement(0, b[:header]) != 0xffff {
		return BadChecksum
	}
	if total != 0 { // 0: a packet that the network card was to cut into segments (TSO), captured before it did
		b = d.limit(b, uint32(total))
	}
	d.src, d.dst = mapped, mapped
	copy(d.src[12:], b[12:16])
	copy(d.dst[12:], b[16:20])
	d.hasIP = true
	protocol, payload := b[9], b[header:]
	if position := binary.BigEndian.Uint16(b[6:]); position&(moreFragments|offsetMask) != 0 {
		if !carries(protocol) {
			return d.other(IPProtocol, uint32(protocol))
		}
		return d.fragment(fragment{
			key:      fragmentKey{d.src, d.dst, d.tunnel, uint32(binary.BigEndian.Uint16(b[4:])), protocol},
			offset:   int(position&offsetMask) * 8,
			more:     position&moreFragments != 0,
			protocol: protocol,
			data:     payload,
		})
	}
	return d.protocol(protocol, payload)
}

// soundIPv4 says whether b begins with an IPv4 header whose checksum and length are right.
func (d *Decoder) soundIPv4(b []byte) bool {
	if len(b) < ipv4Header {
		return false
	}
	header := int(b[0]&0x0f) * 4
	total := uint64(binary.BigEndian.Uint16(b[2:]))
	return header >= ipv4Header && header <= len(b) && total >= uint64(header) && total <= d.wire(b) &&
		onesComplement(0, b[:header]) == 0xffff
}

// carries says whether a TCP segment may be found behind an IP protocol number.
func carries(protocol uint8) bool {
	switch layers.IPProtocol(protocol) {
	case layers.IPProtocolTCP, layers.IPProtocolUDP, layers.IPProtocolIPv4, layers.IPProtocolIPv6, layers.IPProtocolGRE,
		layers.IPProtocolEtherIP, layers.IPProtocolMPLSInIP, layers.IPProtocolAH, protocolL2TP:
		return true
	}
	return false
}

// protocol decodes what an IP header announces, of either version and behind its extension headers.
func (d *Decoder) protocol(protocol uint8, b []byte) Outcome {
	switch layers.IPProtocol(protocol) {
	case layers.IPProtocolTCP:
		return d.tcp(b)
	case layers.IPProtocolUDP:
		return d.udp(b)
	case layers.IPProtocolIPv4:
		d.enter(tunnelIP, 4)
		return d.ipv4(b)
	case layers.IPProtocolIPv6:
		d.enter(tunnelIP, 6)
		return d.ipv6(b)
	case layers.IPProtocolGRE:
		return d.gre(b)
	case layers.IPProtocolEtherIP:
		return d.etherIP(b)
	case layers.IPProtocolMPLSInIP:
		d.enter(tunnelMPLS, 0)
		return d.mpls(b)
	case layers.IPProtocolAH:
		return d.extensions(protocol, b)
	case protocolL2TP:
		return d.l2tpOverIP(b)
	}
	return d.other(IPProtocol, uint32(protocol))
}
