package decode

// macsec looks into a frame of IEEE 802.1AE-2018 §9 that is not encrypted, only protected against changes: it
// gives the octets from the EtherType of the user data on, or nil and the outcome.
func (d *Decoder) macsec(b []byte) ([]byte, Outcome) {
	const (
		size, identifier   = 6, 8       // of the tag behind its EtherType; of the optional SCI
		version, hasSCI    = 0x80, 0x20 // first octet
		encrypted, changed = 0x08, 0x04
		shortLength        = 0x3f
	)
	if len(b) < size {
		return nil, d.short(b, size)
	}
	control, short := b[0], uint32(b[1]&shortLength)
	if control&version != 0 {
		return nil, d.other(EtherType, etherTypeMACsec)
	}
	if control&(encrypted|changed) != 0 {
		d.found = Protocol{EtherType, Protected, etherTypeMACsec}
		return nil, NotTCP
	}
	end := size
	if control&hasSCI != 0 {
		end += identifier
	}
	if len(b) < end+2 {
		return nil, d.short(b, end+2)
	}
	if b = b[end:]; short != 0 {
		b = d.limit(b, short)
	}
	return b, TCP
}
