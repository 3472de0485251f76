package decode

import (
	"encoding/binary"

	"github.com/google/gopacket/layers"
)

// pppFraming decodes PPP that may have an address and a control octet before it (RFC 1662 §3.1), or Cisco's instead.
func (d *Decoder) pppFraming(b []byte) Outcome {
	if len(b) < 2 {
		return d.short(b, 2)
	}
	switch {
	case b[0] == 0xff && b[1] == 0x03:
		return d.ppp(b[2:])
	case (b[0] == 0x0f || b[0] == 0x8f) && b[1] == 0:
		return d.ciscoHDLC(b)
	}
	return d.ppp(b)
}

// ppp decodes from the protocol field on, which is one octet where that is odd (RFC 1661 §2, §6.5).
func (d *Decoder) ppp(b []byte) Outcome {
	if d.deeper() {
		return TooDeep
	}
	if len(b) < 1 {
		return d.short(b, 1)
	}
	protocol, size := uint16(b[0]), 1
	if b[0]&1 == 0 {
		if len(b) < 2 {
			return d.short(b, 2)
		}
		protocol, size = binary.BigEndian.Uint16(b), 2
	}
	const ipv4, ipv6, mplsUnicast, mplsMulticast = 0x0021, 0x0057, 0x0281, 0x0283
	switch protocol {
	case ipv4:
		return d.ipv4(b[size:])
	case ipv6:
		return d.ipv6(b[size:])
	case mplsUnicast, mplsMulticast:
		return d.mpls(b[size:])
	}
	return d.other(PPP, uint32(protocol))
}

// pppoe decodes the session stage of PPP over Ethernet (RFC 2516 §4): version and type, code, session, length.
func (d *Decoder) pppoe(b []byte) Outcome {
	const size, versionAndType, sessionData = 6, 0x11, 0
	if len(b) < size {
		return d.short(b, size)
	}
	if b[0] != versionAndType {
		return Malformed
	}
	if b[1] != sessionData {
		return d.other(EtherType, uint32(layers.EthernetTypePPPoEDiscovery))
	}
	return d.ppp(d.limit(b[size:], uint32(binary.BigEndian.Uint16(b[4:]))))
}
