package decode

import "encoding/binary"

// Ports of tunnels.
const (
	portL2TP       = 1701
	portGTPControl = 2123
	portGTP        = 2152
	portLISP       = 4341
	portGRE        = 4754
	portVXLAN      = 4789
	portVXLANGPE   = 4790
	portCAPWAP     = 5247
	portFOU        = 5555 // the example that everybody took from Linux' manual
	portGUE        = 6080
	portGeneve     = 6081
	portMPLS       = 6635
	portVXLANOld   = 8472 // Linux' choice before there was a registered one
	portTZSP       = 37008
)

const udpHeader = 8

// udp decodes the tunnels known by their port, and those on other ports whose shape proves them. A port alone
// proves little, so a packet whose inside makes no sense is some other protocol.
func (d *Decoder) udp(b []byte) Outcome {
	if len(b) < udpHeader {
		return d.short(b, udpHeader)
	}
	source, destination := binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	length := binary.BigEndian.Uint16(b[4:])
	d.other(UDPPort, uint32(servicePort(source, destination)))
	if length != 0 { // 0: as in ipv4
		if length < udpHeader {
			return NotTCP
		}
		b = d.limit(b, uint32(length))
	}
	b = b[udpHeader:]
	before := d.walk
	o := d.tunnelOn(source, destination, b)
	if o != Malformed {
		return o
	}
	d.walk = before
	if o := d.provenTunnel(b); o != Malformed {
		return o
	}
	d.walk = before
	d.found.Shape = shapeOf(b, d.wire(b))
	if (d.found.Shape == QUIC || d.found.Shape == NoShape) && d.quic(source, destination, b) {
		return UDP
	}
	return NotTCP
}

// tunnelOn decodes the tunnel that a port announces. It is Malformed where there is none.
func (d *Decoder) tunnelOn(source, destination uint16, b []byte) Outcome {
	switch destination {
	case portVXLAN, portVXLANOld:
		return d.vxlan(b)
	case portVXLANGPE:
		return d.vxlanGPE(b)
	case portGeneve:
		return d.geneve(b)
	case portGTP:
		return d.gtp(b)
	case portTZSP:
		return d.tzsp(b)
	case portLISP:
		return d.lisp(b)
	case portGRE:
		return d.gre(b)
	case portMPLS:
		d.enter(tunnelMPLS, 0)
		return d.mpls(b)
	case portCAPWAP:
		return d.capwap(b)
	case portL2TP:
		return d.l2tp(b)
	case portGUE, portFOU:
		return d.gue(b)
	}
	switch source { // these answer from their port
	case portCAPWAP:
		return d.capwap(b)
	case portL2TP:
		return d.l2tp(b)
	}
	return Malformed
}

// namedPorts has a bit for every port with a name: one load for each look-up.
var namedPorts = func() (set [1 << 16 / 64]uint64) {
	for port := range udpPortNames {
		set[port/64] |= 1 << (port % 64)
	}
	return set
}()

func isNamed(port uint16) bool { return namedPorts[port/64]>>(port%64)&1 != 0 }

// servicePort is the port that says what a datagram is: the one with a name, else the lower.
func servicePort(source, destination uint16) uint16 {
	switch {
	case isNamed(destination):
		return destination
	case isNamed(source):
		return source
	}
	return min(source, destination)
}

// vxlan decodes RFC 7348 §5.
func (d *Decoder) vxlan(b []byte) Outcome {
	const size, hasNetwork = 8, 0x08
	if len(b) < size {
		return d.short(b, size)
	}
	if b[0]&hasNetwork == 0 {
		return NotTCP
	}
	d.enter(tunnelVXLAN, networkIdentifier(b))
	return d.ethernet(b[size:])
}

// vxlanGPE decodes draft-ietf-nvo3-vxlan-gpe-13 §3.
func (d *Decoder) vxlanGPE(b []byte) Outcome {
	const (
		size                                                       = 8
		versionMask, hasNetwork, hasProtocol, isOAM                = 0x30, 0x08, 0x04, 0x01
		protocolIPv4, protocolIPv6, protocolEthernet, protocolMPLS = 1, 2, 3, 5
		protocolNSH                                                = 4
	)
	if len(b) < size {
		return d.short(b, size)
	}
	if b[0]&versionMask != 0 || b[0]&hasNetwork == 0 || b[0]&isOAM != 0 {
		return NotTCP
	}
	protocol := byte(protocolEthernet)
	if b[0]&hasProtocol != 0 {
		protocol = b[3]
	}
	d.enter(tunnelVXLAN, networkIdentifier(b))
	switch b = b[size:]; protocol {
	case protocolNSH:
		return d.nsh(b)
	case protocolIPv4:
		return d.ipv4(b)
	case protocolIPv6:
		return d.ipv6(b)
	case protocolEthernet:
		return d.ethernet(b)
	case protocolMPLS:
		return d.mpls(b)
	}
	return NotTCP
}

// geneve decodes RFC 8926 §3.4. Its options, critical or not, do not change what it carries.
func (d *Decoder) geneve(b []byte) Outcome {
	const size, versionMask, optionsMask, control = 8, 0xc0, 0x3f, 0x80
	if len(b) < size {
		return d.short(b, size)
	}
	protocol := binary.BigEndian.Uint16(b[2:])
	if b[0]&versionMask != 0 || b[1]&control != 0 || protocol < firstEtherType {
		return NotTCP
	}
	end := size + int(b[0]&optionsMask)*4
	if len(b) < end {
		return d.short(b, end)
	}
	d.enter(tunnelGeneve, networkIdentifier(b))
	return d.etherType(protocol, b[end:])
}

// networkIdentifier reads the VNI, which VXLAN and Geneve have in the same place.
func networkIdentifier(b []byte) uint32 { return binary.BigEndian.Uint32(b[4:]) >> 8 }

// gtp decodes user data of GTP version 1 (3GPP TS 29.281 §5).
func (d *Decoder) gtp(b []byte) Outcome {
	const (
		size, optional          = 8, 4
		versionMask, version    = 0xf0, 0x30 // version 1, protocol type GTP
		extended, anyOptional   = 0x04, 0x07
		userData, noneFollowing = 255, 0
	)
	if len(b) < size {
		return d.short(b, size)
	}
	if b[0]&versionMask != version || b[1] != userData {
		return NotTCP
	}
	flags := b[0]
	b = d.limit(b[size:], uint32(binary.BigEndian.Uint16(b[2:])))
	if flags&anyOptional != 0 {
		if len(b) < optional {
			return d.short(b, optional)
		}
		next := b[optional-1]
		b = b[optional:]
		for flags&extended != 0 && next != noneFollowing {
			if len(b) < 1 {
				return d.short(b, 1)
			}
			length := int(b[0]) * 4
			if length == 0 {
				return Malformed
			}
			if len(b) < length {
				return d.short(b, length)
			}
			next = b[length-1]
			b = b[length:]
		}
	}
	d.enter(tunnelGTP, 0)
	return d.ip(b)
}
