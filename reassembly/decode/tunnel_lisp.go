package decode

import "encoding/binary"

// lisp decodes data packets of RFC 9300 §5.3. The instance identifier, where there is one, is the same in both
// directions.
func (d *Decoder) lisp(b []byte) Outcome {
	const size, hasInstance, reserved = 8, 0x08, 0x04
	if len(b) < size {
		return d.short(b, size)
	}
	if b[0]&reserved != 0 {
		return Malformed
	}
	instance := uint32(0)
	if b[0]&hasInstance != 0 {
		instance = binary.BigEndian.Uint32(b[4:]) >> 8
	}
	d.enter(tunnelLISP, instance)
	return d.ip(b[size:])
}
