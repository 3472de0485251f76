package ws

import (
	"encoding/binary"
	"math/bits"
)

// unmask writes src, masked by key from payload offset pos on, into dst (RFC 6455 §5.3). dst is at least as long as
// src; the two may be the same slice.
func unmask(dst, src []byte, key [4]byte, pos uint64) {
	k := bits.RotateLeft32(binary.LittleEndian.Uint32(key[:]), -8*int(pos&3))
	kk := uint64(k)<<32 | uint64(k)
	n := len(src)
	dst = dst[:n]
	i := 0
	for ; i+32 <= n; i += 32 {
		s, d := src[i:i+32:i+32], dst[i:i+32:i+32]
		binary.LittleEndian.PutUint64(d, binary.LittleEndian.Uint64(s)^kk)
		binary.LittleEndian.PutUint64(d[8:], binary.LittleEndian.Uint64(s[8:])^kk)
		binary.LittleEndian.PutUint64(d[16:], binary.LittleEndian.Uint64(s[16:])^kk)
		binary.LittleEndian.PutUint64(d[24:], binary.LittleEndian.Uint64(s[24:])^kk)
	}
	for ; i+8 <= n; i += 8 {
		binary.LittleEndian.PutUint64(dst[i:], binary.LittleEndian.Uint64(src[i:])^kk)
	}
	for ; i < n; i++ {
		dst[i] = src[i] ^ byte(k)
		k = bits.RotateLeft32(k, -8)
	}
}
