package decode

import (
	"encoding/binary"

	"wshake/capture"
)

// Headers that capturing systems put before the packet.

// pktap decodes LINKTYPE_PKTAP, Darwin's header before that of another link type.
func (d *Decoder) pktap(b []byte) Outcome {
	const size = 12 // up to and with the link type
	if d.deeper() {
		return TooDeep
	}
	if len(b) < size {
		return d.short(b, size)
	}
	return d.behind(capture.LinkType(binary.LittleEndian.Uint32(b[8:])), binary.LittleEndian.Uint32(b), size, b)
}

// behind decodes the packet of another link type behind a header of the given length, which is no less than least.
func (d *Decoder) behind(t capture.LinkType, length, least uint32, b []byte) Outcome {
	if length < least || uint64(length) > d.wire(b) {
		return Malformed
	}
	if uint64(length) > uint64(len(b)) {
		return Truncated
	}
	o := d.link(t, b[length:])
	if o == UnknownLink {
		return d.other(LinkType, uint32(t))
	}
	return o
}

// user2 decodes the number for private use that Darwin took for PKTAP before it had one. Whether it is PKTAP its
// fields say: a length as Darwin's header has it, a kind (1 is a packet), the link type of a packet that we
// decode.
func (d *Decoder) user2(b []byte) Outcome {
	const least, most, isPacket = 108, 1024, 1
	if len(b) < 12 {
		return UnknownLink
	}
	length, kind := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
	inner := binary.LittleEndian.Uint32(b[8:])
	if length < least || length > most || kind != isPacket || inner > 1<<16 || capture.LinkType(inner) == linkUser2 {
		return UnknownLink
	}
	return d.pktap(b)
}

// ppi decodes LINKTYPE_PPI, the Per-Packet Information header: version, flags, length, link type.
func (d *Decoder) ppi(b []byte) Outcome {
	const size = 8
	if d.deeper() {
		return TooDeep
	}
	if len(b) < size {
		return d.short(b, size)
	}
	if b[0] != 0 {
		return Malformed
	}
	length, inner := binary.LittleEndian.Uint16(b[2:]), binary.LittleEndian.Uint32(b[4:])
	return d.behind(capture.LinkType(inner), uint32(length), size, b)
}

// avs decodes LINKTYPE_IEEE802_11_AVS: a magic number with the version, the length, and what a radio knows.
func (d *Decoder) avs(b []byte) Outcome {
	const size, magic = 8, 0x80211
	if d.deeper() {
		return TooDeep
	}
	if len(b) < size {
		return d.short(b, size)
	}
	if binary.BigEndian.Uint32(b)>>12 != magic {
		return Malformed
	}
	return d.behind(link80211, binary.BigEndian.Uint32(b[4:]), size, b)
}

// prism decodes LINKTYPE_IEEE802_11_PRISM: a message code and the length, in the byte order of the capturing
// machine; or AVS.
func (d *Decoder) prism(b []byte) Outcome {
	const size, code = 8, 0x44
	if len(b) < size {
		return d.short(b, size)
	}
	if binary.LittleEndian.Uint32(b) != code {
		return d.avs(b)
	}
	if d.deeper() {
		return TooDeep
	}
	return d.behind(link80211, binary.LittleEndian.Uint32(b[4:]), size, b)
}

// enc decodes LINKTYPE_ENC of OpenBSD's IPsec: an address family in the byte order of the capturing machine, two
// words, and the packet in the clear.
func (d *Decoder) enc(b []byte) Outcome {
	const size = 12
	if len(b) < size {
		return d.short(b, size)
	}
	family := binary.LittleEndian.Uint32(b)
	if family > 0xffff {
		family = binary.BigEndian.Uint32(b)
	}
	return d.family(family, b[size:])
}

// pflog decodes LINKTYPE_PFLOG, the log of a packet filter: its length without padding, the address family, and more.
func (d *Decoder) pflog(b []byte) Outcome {
	const least = 28
	if len(b) < 2 {
		return d.short(b, 2)
	}
	length := (int(b[0]) + 3) &^ 3
	if length < least {
		return Malformed
	}
	if len(b) < length {
		return d.short(b, length)
	}
	return d.family(uint32(b[1]), b[length:])
}

// direction decodes a link type behind one octet that says who sent the packet. For pppd that octet stands in the
// place of an address.
func (d *Decoder) direction(t capture.LinkType, b []byte) Outcome {
	if len(b) < 1 {
		return d.short(b, 1)
	}
	if d.deeper() {
		return TooDeep
	}
	if len(b) > 1 && t == linkPPP && b[1] == 0x03 {
		return d.ppp(b[2:])
	}
	return d.link(t, b[1:])
}

// netANALYZER decodes LINKTYPE_NETANALYZER: four octets of status before an Ethernet frame.
func (d *Decoder) netANALYZER(b []byte) Outcome {
	const size = 4
	if len(b) < size {
		return d.short(b, size)
	}
	return d.ethernet(b[size:])
}
