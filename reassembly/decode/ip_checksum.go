package decode

import "encoding/binary"

// onesComplement adds the 16-bit words of b, the last one filled up with zero, to sum (RFC 1071). Over octets that
// include a right checksum it gives 0xffff.
func onesComplement(sum uint64, b []byte) uint16 {
	for ; len(b) >= 4; b = b[4:] {
		sum += uint64(binary.BigEndian.Uint32(b))
	}
	if len(b) >= 2 {
		sum += uint64(binary.BigEndian.Uint16(b))
		b = b[2:]
	}
	if len(b) == 1 {
		sum += uint64(b[0]) << 8
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return uint16(sum)
}

// tcpChecksum sums a segment and its pseudo-header (RFC 9293 §3.1, RFC 8200 §8.1). The prefix of mapped addresses adds
// 0xffff twice, which is zero in this arithmetic.
func (d *Decoder) tcpChecksum(segment []byte) uint16 {
	const protocol = 6
	sum := uint64(onesComplement(0, d.src[:])) + uint64(onesComplement(0, d.dst[:])) + protocol + uint64(len(segment))
	return onesComplement(sum, segment)
}
