package hpack

// maxInteger bounds what an integer may say: no table, string or index is larger.
const maxInteger = 1<<32 - 1

// integer reads an integer with a prefix of so many bits (§5.1) and what is behind it. err is errShort where p ends
// inside it.
func integer(bits uint, p []byte) (value uint64, rest []byte, err error) {
	if len(p) == 0 {
		return 0, nil, errShort
	}
	full := uint64(1)<<bits - 1
	value = uint64(p[0]) & full
	if value < full {
		return value, p[1:], nil
	}
	for i, c := range p[1:] {
		if i == 6 { // 42 bits: zeros in front of nothing
			return 0, nil, errInteger
		}
		value += uint64(c&0x7f) << (7 * i)
		if value > maxInteger {
			return 0, nil, errInteger
		}
		if c < 0x80 {
			return value, p[2+i:], nil
		}
	}
	return 0, nil, errShort
}
