package decode

import (
	"encoding/binary"

	"github.com/google/gopacket/layers"
)

// provenTunnel decodes a tunnel on a port that nobody registered for it, if what is inside proves it. It is
// Malformed where nothing is proven. The first octets decide for nearly every datagram.
func (d *Decoder) provenTunnel(b []byte) Outcome {
	const size = 8 // of the headers of VXLAN and Geneve
	if len(b) < size+ipv4Header {
		return Malformed
	}
	const vxlanFlags = 0x08000000
	geneve := binary.BigEndian.Uint16(b[2:])
	switch first := binary.BigEndian.Uint32(b); {
	case first == vxlanFlags && b[7] == 0:
		if d.provenFrame(b[size:]) {
			return d.vxlan(b)
		}
	case b[0]&0xc0 == 0 && b[1]&0xbf == 0 && b[7] == 0 && isTunnelled(geneve):
		if end := size + int(b[0]&0x3f)*4; end < len(b) && d.provenInside(geneve, b[end:]) {
			return d.geneve(b)
		}
	case first>>16 == 0x0100 && b[2] == 0 || first>>16 == 0x0101 && b[2] == 0: // TZSP, received or transmitted
		if frame, ethernet := tzspFrame(b); ethernet && d.provenFrame(frame) {
			return d.tzsp(b)
		}
	case b[0]>>4 == 4, b[0]>>4 == 6:
		return d.ipInUDP(b)
	}
	return Malformed
}

// ipInUDP decodes an IP packet right behind a UDP header: foo over UDP, GUE of version 1
// (draft-ietf-intarea-gue-09 §4).
func (d *Decoder) ipInUDP(b []byte) Outcome {
	if !d.provenIP(b) {
		return Malformed
	}
	d.enter(tunnelUDP, 0)
	return d.ip(b)
}

func isTunnelled(t uint16) bool {
	switch layers.EthernetType(t) {
	case layers.EthernetTypeTransparentEthernetBridging, layers.EthernetTypeIPv4, layers.EthernetTypeIPv6:
		return true
	}
	return false
}

// provenInside says whether b is the proven packet or frame that a tunnel's EtherType announces.
func (d *Decoder) provenInside(t uint16, b []byte) bool {
	if layers.EthernetType(t) == layers.EthernetTypeTransparentEthernetBridging {
		return d.provenFrame(b)
	}
	return d.provenType(t, b)
}

// provenGRE says whether b is a GRE header (RFC 2784, RFC 2890) around a proven packet or frame.
func (d *Decoder) provenGRE(b []byte) bool {
	const base, word, known, reserved = 4, 4, 0xb0, 0x4f
	if len(b) < base || b[0]&reserved != 0 || b[1] != 0 {
		return false
	}
	size := base
	for bit := byte(0x10); bit != 0; bit <<= 1 {
		if b[0]&known&bit != 0 {
			size += word
		}
	}
	return len(b) > size && d.provenInside(binary.BigEndian.Uint16(b[2:]), b[size:])
}

// gue decodes generic UDP encapsulation (draft-ietf-intarea-gue-09 §3) and foo over UDP with GRE, both only with a
// proven packet inside, since their ports are used by others.
func (d *Decoder) gue(b []byte) Outcome {
	const size, versionMask, control, lengthMask = 4, 0xc0, 0x20, 0x1f
	if len(b) < size {
		return Malformed
	}
	if d.provenGRE(b) {
		return d.gre(b)
	}
	if b[0]&(versionMask|control) != 0 {
		return Malformed // version 1 is for provenTunnel
	}
	end := size + int(b[0]&lengthMask)*4
	if len(b) <= end {
		return Malformed
	}
	inside := b[end:]
	switch protocol := layers.IPProtocol(b[1]); {
	case (protocol == layers.IPProtocolIPv4 || protocol == layers.IPProtocolIPv6) && d.provenIP(inside):
	case protocol == layers.IPProtocolGRE && d.provenGRE(inside):
	default:
		return Malformed
	}
	return d.protocol(b[1], inside)
}
