package decode

import (
	"encoding/binary"

	"github.com/google/gopacket/layers"
)

// EtherTypes that gopacket does not name, and one that no registry has: MikroTik's for Ethernet over IP.
const (
	etherTypeERSPAN3 = 0x22eb
	etherTypeEoIP    = 0x6400
)

// gre decodes RFC 2784 and 2890, NVGRE (RFC 7637), ERSPAN, and version 1, which carries PPP (PPTP, RFC 2637 §4.1)
// or a frame (EoIP).
func (d *Decoder) gre(b []byte) Outcome {
	const (
		base, word                                      = 4, 4
		hasChecksum, hasRouting, hasKey, hasSequence    = 0x80, 0x40, 0x20, 0x10
		versionMask, versionPlain, versionPPTP, ackPPTP = 0x07, 0, 1, 0x80
	)
	if len(b) < base {
		return d.short(b, base)
	}
	flags, protocol := b[0], binary.BigEndian.Uint16(b[2:])
	d.other(IPProtocol, uint32(layers.IPProtocolGRE))
	if flags&hasRouting != 0 {
		return NotTCP // RFC 1701's source routes, gone with RFC 2784
	}
	size, version := base, b[1]&versionMask
	key := size
	if flags&hasChecksum != 0 {
		size, key = size+word, key+word
	}
	if flags&hasKey != 0 {
		size += word
	}
	if flags&hasSequence != 0 {
		size += word
	}
	if version == versionPPTP && b[1]&ackPPTP != 0 {
		size += word
	}
	if version == versionPPTP && protocol == etherTypeEoIP && flags == hasKey {
		return d.eoip(b[base:])
	}
	if version > versionPPTP || version == versionPPTP && protocol != etherTypePPP {
		return NotTCP
	}
	if len(b) < size {
		return d.short(b, size)
	}
	inner := b[size:]
	switch {
	case protocol == etherTypePPP:
		d.enter(tunnelGRE, 0)
		return d.pppFraming(inner)
	case protocol == uint16(layers.EthernetTypeERSPAN) && flags&hasSequence == 0: // type I has no header
		d.enter(tunnelERSPAN, 0)
		return d.ethernet(inner)
	case protocol == uint16(layers.EthernetTypeERSPAN):
		return d.erspan(inner, 1, 8)
	case protocol == etherTypeERSPAN3:
		return d.erspan(inner, 2, 12)
	case protocol == uint16(layers.EthernetTypeTransparentEthernetBridging) && flags == hasKey:
		d.enter(tunnelNVGRE, binary.BigEndian.Uint32(b[key:])>>8) // the last octet is a flow's own
		return d.ethernet(inner)
	}
	if protocol < firstEtherType {
		return NotTCP // 0 is a keepalive
	}
	d.enter(tunnelGRE, 0)
	return d.etherType(protocol, inner)
}

// eoip decodes what MikroTik's Ethernet over IP has in the place of a key: the frame's length, and an identifier
// that both directions share.
func (d *Decoder) eoip(b []byte) Outcome {
	const size = 4
	if len(b) < size {
		return d.short(b, size)
	}
	length := binary.BigEndian.Uint16(b)
	if length == 0 {
		return NotTCP // a keepalive
	}
	d.enter(tunnelEoIP, uint32(binary.LittleEndian.Uint16(b[2:])))
	return d.ethernet(d.limit(b[size:], uint32(length)))
}

// erspan decodes types II and III (draft-foschiano-erspan-03 §4), whose version fields are 1 and 2.
func (d *Decoder) erspan(b []byte, version byte, size int) Outcome {
	const (
		hasSubheader, subheader = 1, 8 // the last bit of type III
		frameType, frameIP      = 0x1f, 2
	)
	if len(b) < size {
		return d.short(b, size)
	}
	if b[0]>>4 != version {
		return Malformed
	}
	if version == 2 && b[size-1]&hasSubheader != 0 {
		if size += subheader; len(b) < size {
			return d.short(b, size)
		}
	}
	d.enter(tunnelERSPAN, 0)
	if version == 2 && b[10]>>2&frameType == frameIP {
		return d.ip(b[size:])
	}
	return d.ethernet(b[size:])
}
