package decode

import "encoding/binary"

// capwap decodes the data channel of RFC 5415 §4: user frames as IEEE 802.3 or as IEEE 802.11 (RFC 5416 §2.3),
// which may come in fragments.
func (d *Decoder) capwap(b []byte) Outcome {
	const (
		size, least                                    = 8, 8
		preambleMask, clear, dtls                      = 0xff, 0x00, 0x01 // version 0, type
		wireless, fragmented, last, keepAlive, radio11 = 1 << 8, 1 << 7, 1 << 6, 1 << 3, 1
	)
	if len(b) < size {
		return d.short(b, size)
	}
	switch b[0] & preambleMask {
	case clear:
	case dtls:
		d.found.Shape = DTLS
		return NotTCP
	default:
		return Malformed
	}
	bits := binary.BigEndian.Uint32(b) & 0xffffff
	end := int(bits>>19) * 4
	if end < least || bits&wireless != 0 && bits>>9&0x1f != radio11 {
		return Malformed
	}
	if len(b) < end {
		return d.short(b, end)
	}
	if bits&keepAlive != 0 {
		return NotTCP
	}
	id, offset := binary.BigEndian.Uint16(b[4:]), int(binary.BigEndian.Uint16(b[6:])>>3)*8
	d.enter(tunnelCAPWAP, 0)
	carried := uint8(carriesEthernet)
	if bits&wireless != 0 {
		carried = carriesWireless
	}
	if more := bits&last == 0; bits&fragmented != 0 && (more || offset > 0) { // one piece may be the whole
		return d.fragment(fragment{
			key:      fragmentKey{d.src, d.dst, d.tunnel, uint32(id), carried},
			offset:   offset,
			more:     more,
			protocol: carried,
			data:     b[end:],
		})
	}
	return d.carried(carried, b[end:])
}

// What a fragmented datagram of CAPWAP carries; the numbers are unassigned as IP protocols (253 and 254 are for
// experiments).
const (
	carriesEthernet = 253
	carriesWireless = 254
)

// carried decodes a frame that was carried by CAPWAP. Some controllers swap the octets of the frame control of
// IEEE 802.11.
func (d *Decoder) carried(kind uint8, b []byte) Outcome {
	const typeMask, typeData = 0x0f, 0x08 // with the protocol version, which is 0
	if kind == carriesEthernet {
		return d.ethernet(b)
	}
	if d.deeper() {
		return TooDeep
	}
	if len(b) >= 2 && b[0]&typeMask != typeData && b[1]&typeMask == typeData {
		return d.wirelessFrame(b[1], b[0], b, 0)
	}
	return d.wireless(b, 0)
}
