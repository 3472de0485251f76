package decode

import "encoding/binary"

// l2tp decodes data messages of versions 2 (RFC 2661 §3.1) and 3 (RFC 3931 §4.1.2.1) over UDP. Identifiers belong
// to one direction.
func (d *Decoder) l2tp(b []byte) Outcome {
	const (
		control, hasLength, hasSequence, hasOffset = 0x8000, 0x4000, 0x0800, 0x0200
		reserved, versionMask                      = 0x34f0, 0x000f
		sessionV3                                  = 4 // where the session identifier of version 3 stands
	)
	if len(b) < 2 {
		return d.short(b, 2)
	}
	flags := binary.BigEndian.Uint16(b)
	if flags&control != 0 {
		return NotTCP
	}
	if flags == 3 {
		if len(b) < sessionV3 {
			return d.short(b, sessionV3)
		}
		return d.l2tpSession(b[sessionV3:])
	}
	if flags&versionMask != 2 || flags&reserved != 0 {
		return Malformed
	}
	size := 2 + 4 // tunnel and session
	if flags&hasLength != 0 {
		size += 2
		if len(b) < 4 {
			return d.short(b, 4)
		}
		length := binary.BigEndian.Uint16(b[2:])
		if int(length) < size || uint64(length) > d.wire(b) {
			return Malformed
		}
		b = d.limit(b, uint32(length))
	}
	if flags&hasSequence != 0 {
		size += 4
	}
	if flags&hasOffset != 0 {
		if size += 2; len(b) < size {
			return d.short(b, size)
		}
		size += int(binary.BigEndian.Uint16(b[size-2:]))
	}
	if len(b) < size {
		return d.short(b, size)
	}
	d.enter(tunnelL2TP, 0)
	return d.pppFraming(b[size:])
}

// l2tpOverIP decodes version 3 over IP (RFC 3931 §4.1.1.1). Session 0 is control.
func (d *Decoder) l2tpOverIP(b []byte) Outcome {
	const size = 4
	d.other(IPProtocol, protocolL2TP)
	if len(b) < size {
		return d.short(b, size)
	}
	if binary.BigEndian.Uint32(b) == 0 {
		return NotTCP
	}
	if o := d.l2tpSession(b); o != Malformed {
		return o
	}
	return NotTCP
}

// l2tpSession decodes what follows from a session identifier on. How long the cookie is, whether a sublayer header
// follows, and what is carried were agreed by control messages, so what is inside must prove itself.
func (d *Decoder) l2tpSession(b []byte) Outcome {
	const session, longest, word = 4, 16, 4 // octets: the identifier; it, a cookie of 8 and a sublayer header
	for n := session; n <= longest && n < len(b); n += word {
		inside := b[n:]
		switch {
		case d.provenFrame(inside):
			d.enter(tunnelL2TP, 0)
			return d.ethernet(inside)
		case d.provenPPP(inside):
			d.enter(tunnelL2TP, 0)
			return d.pppFraming(inside)
		case d.provenIP(inside):
			d.enter(tunnelL2TP, 0)
			return d.ip(inside)
		}
	}
	return Malformed
}

// provenPPP says whether b is a PPP frame around a proven IP packet.
func (d *Decoder) provenPPP(b []byte) bool {
	if len(b) >= 2 && b[0] == 0xff && b[1] == 0x03 {
		b = b[2:]
	}
	switch {
	case len(b) < 3:
	case b[0] == 0x21, b[0] == 0x57:
		return d.provenIP(b[1:])
	case b[0] == 0 && (b[1] == 0x21 || b[1] == 0x57):
		return d.provenIP(b[2:])
	}
	return false
}
