package decode

import (
	"encoding/binary"

	"github.com/google/gopacket/layers"
)

const ethernetHeader = 14

func (d *Decoder) ethernet(b []byte) Outcome {
	if d.deeper() {
		return TooDeep
	}
	if len(b) < ethernetHeader {
		return d.short(b, ethernetHeader)
	}
	return d.etherType(binary.BigEndian.Uint16(b[12:]), b[ethernetHeader:])
}

// llc decodes IEEE 802.2 LLC, with SNAP where it is used (RFC 1042).
func (d *Decoder) llc(b []byte) Outcome {
	const (
		sapSNAP, sapIP = 0xaa, 0x06
		unnumbered     = 0x03
		snapEnd        = 8
	)
	if d.deeper() {
		return TooDeep
	}
	if len(b) < 3 {
		return d.short(b, 3)
	}
	if b[0] != b[1] || b[2] != unnumbered {
		return d.other(SAP, uint32(b[0]))
	}
	switch b[0] {
	case sapIP:
		return d.ipv4(b[3:])
	case sapSNAP:
		if len(b) < snapEnd {
			return d.short(b, snapEnd)
		}
		protocol := binary.BigEndian.Uint16(b[6:])
		// OUI 00-00-F8 marks an EtherType that a bridge must keep apart (IEEE 802.1H).
		organization := [3]byte(b[3:])
		if organization != [3]byte{} && organization != [3]byte{0, 0, 0xf8} || protocol < firstEtherType {
			return d.other(EtherType, uint32(protocol))
		}
		return d.etherType(protocol, b[snapEnd:])
	}
	return d.other(SAP, uint32(b[0]))
}

// mpls decodes a label stack (RFC 3032) and guesses what is below it, since nothing says so: an IP packet, or a
// pseudowire with an Ethernet frame behind a control word (RFC 4448 §4.6) or without.
func (d *Decoder) mpls(b []byte) Outcome {
	const entry, bottom = 4, 1
	if d.deeper() {
		return TooDeep
	}
	for last := false; !last; b = b[entry:] {
		if len(b) < entry {
			return d.short(b, entry)
		}
		last = b[2]&bottom != 0
	}
	if len(b) == 0 {
		return d.short(b, 1)
	}
	version := b[0] >> 4
	d.guessed = true
	// Half of all manufacturers' addresses begin with 4 or 6, so an IP header must prove itself before a frame does.
	switch {
	case version == 4 && d.soundIPv4(b), version == 6 && d.soundIPv6(b):
		return d.ip(b)
	case version == 0 && knownFrame(b[min(entry, len(b)):]):
		return d.ethernet(b[entry:])
	case knownFrame(b):
		return d.ethernet(b)
	case version == 4, version == 6:
		return d.ip(b)
	}
	return d.other(EtherType, uint32(layers.EthernetTypeMPLSUnicast))
}

// knownFrame says whether b looks like an Ethernet frame that we decode: a known EtherType, and behind one of IP the
// right version.
func knownFrame(b []byte) bool {
	if len(b) <= ethernetHeader {
		return false
	}
	version := b[ethernetHeader] >> 4
	switch layers.EthernetType(binary.BigEndian.Uint16(b[12:])) {
	case layers.EthernetTypeIPv4:
		return version == 4
	case layers.EthernetTypeIPv6:
		return version == 6
	case layers.EthernetTypeDot1Q, layers.EthernetTypeQinQ, etherTypeVLAN9100, etherTypeVLAN9200, etherTypeITag,
		layers.EthernetTypeMPLSUnicast, layers.EthernetTypeMPLSMulticast, layers.EthernetTypePPPoESession:
		return true
	}
	return false
}
