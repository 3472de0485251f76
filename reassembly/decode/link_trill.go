package decode

import "encoding/binary"

// trill decodes RFC 6325 §3: version, options' length, hop count; two nicknames; options; the frame with its inner
// VLAN tag.
func (d *Decoder) trill(b []byte) Outcome {
	const size, versionMask = 6, 0xc000
	if d.deeper() {
		return TooDeep
	}
	if len(b) < size {
		return d.short(b, size)
	}
	first := binary.BigEndian.Uint16(b)
	if first&versionMask != 0 {
		return d.other(EtherType, etherTypeTRILL)
	}
	end := size + int(first>>6&0x1f)*4
	if len(b) < end {
		return d.short(b, end)
	}
	return d.ethernet(b[end:])
}
