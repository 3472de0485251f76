package decode

// nsh decodes the Network Service Header of RFC 8300 §2, whatever its metadata.
func (d *Decoder) nsh(b []byte) Outcome {
	const (
		size, least                                = 8, 8 // base header and service path; least length
		versionMask, isOAM, lengthMask, wordLength = 0xc0, 0x20, 0x3f, 4
		nextIPv4, nextIPv6, nextEthernet           = 1, 2, 3
		nextNSH, nextMPLS                          = 4, 5
	)
	if d.deeper() {
		return TooDeep
	}
	if len(b) < size {
		return d.short(b, size)
	}
	if b[0]&versionMask != 0 || b[0]&isOAM != 0 {
		return d.other(EtherType, etherTypeNSH)
	}
	end, next := int(b[1]&lengthMask)*wordLength, b[3]
	if end < least {
		return Malformed
	}
	if len(b) < end {
		return d.short(b, end)
	}
	switch b = b[end:]; next {
	case nextIPv4:
		return d.ipv4(b)
	case nextIPv6:
		return d.ipv6(b)
	case nextEthernet:
		return d.ethernet(b)
	case nextNSH:
		return d.nsh(b)
	case nextMPLS:
		return d.mpls(b)
	}
	return d.other(EtherType, etherTypeNSH)
}
