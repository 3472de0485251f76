package decode

import "encoding/binary"

// wireless decodes an IEEE 802.11 frame; pad is how its header is filled up before the body: to a multiple of pad
// octets (0: not at all). Nothing says whether a frame check sequence ends the frame, and nothing needs to: the length
// of the IP packet excludes it.
func (d *Decoder) wireless(b []byte, pad int) Outcome {
	if len(b) < 2 {
		return d.short(b, 2)
	}
	return d.wirelessFrame(b[0], b[1], b, pad)
}

// wirelessFrame is wireless with the two octets of frame control given.
func (d *Decoder) wirelessFrame(control, flags byte, b []byte, pad int) Outcome {
	const (
		base, fourthAddress, qosControl, htControl = 24, 6, 2, 4

		// first octet of frame control
		typeMask, typeData = 0x0c, 0x08
		noData, qos        = 0x40, 0x80
		// second octet
		toDS, fromDS, moreFragments, protected, order = 0x01, 0x02, 0x04, 0x40, 0x80

		aggregate = 0x80 // QoS control: several frames in this one
	)
	if len(b) < base {
		if control&typeMask != typeData {
			return d.other(Wireless, uint32(control&typeMask)>>2) // control frames are shorter
		}
		return d.short(b, base)
	}
	fragment := b[22] & 0x0f
	switch {
	case control&typeMask != typeData, control&noData != 0:
		return d.other(Wireless, uint32(control&typeMask)>>2)
	case flags&protected != 0:
		d.found = Protocol{Wireless, Protected, uint32(control&typeMask) >> 2}
		return NotTCP
	case flags&moreFragments != 0, fragment != 0:
		return d.other(Wireless, uint32(control&typeMask)>>2)
	}
	size, many := base, false
	if flags&toDS != 0 && flags&fromDS != 0 {
		size += fourthAddress
	}
	if control&qos != 0 {
		if len(b) < size+qosControl {
			return d.short(b, size+qosControl)
		}
		many = b[size]&aggregate != 0
		size += qosControl
		if flags&order != 0 {
			size += htControl
		}
	}
	if pad > 0 {
		size += -size & (pad - 1)
	}
	if len(b) < size {
		return d.short(b, size)
	}
	if many {
		return d.firstOf(b[size:])
	}
	return d.llc(b[size:])
}

// radiotap decodes the header that monitoring interfaces put before 802.11 frames (https://www.radiotap.org), for the
// sake of one field: the flags.
func (d *Decoder) radiotap(b []byte) Outcome {
	const (
		size              = 8
		hasTime, hasFlags = 1 << 0, 1 << 1
		morePresent       = 1 << 31
		padded, badCheck  = 0x20, 0x40
	)
	if len(b) < size {
		return d.short(b, size)
	}
	length := int(binary.LittleEndian.Uint16(b[2:]))
	if b[0] != 0 || length < size {
		return Malformed
	}
	if len(b) < length {
		return d.short(b, length)
	}
	var flags byte
	present := binary.LittleEndian.Uint32(b[4:])
	if present&hasFlags != 0 {
		at := size
		for more := present; more&morePresent != 0; at += 4 {
			if at+4 > length {
				return Malformed
			}
			more = binary.LittleEndian.Uint32(b[at:])
		}
		if present&hasTime != 0 {
			at += -at&7 + 8 // aligned to its size
		}
		if at >= length {
			return Malformed
		}
		flags = b[at]
	}
	if flags&badCheck != 0 {
		return Malformed // the receiver found the frame damaged
	}
	pad := 0
	if flags&padded != 0 {
		pad = 4
	}
	return d.wireless(b[length:], pad)
}
