package ws

import "encoding/binary"

// keyRun is how many keys in a row make a pattern. Seven equal differences of random keys come about once in 2^192.
const keyRun = 8

// keys watches the masking keys of a stream for a pattern (RFC 6455 §5.3: a fresh, unpredictable key for every frame).
type keys struct {
	last [4]byte
	// Of the last difference, and how many in a row were equal to it: with the key read in each byte order.
	step [2]uint32
	runs [2]uint8
	seen bool
	told bool
}

// next takes the key of a masked frame that has payload. A frame without payload is left out: its key hides nothing,
// and some peers write zero there.
func (k *keys) next(key [4]byte) Odd {
	if k.told {
		return 0
	}
	last := k.last
	k.last = key
	if !k.seen {
		k.seen = true
		return 0
	}
	steps := [2]uint32{
		binary.BigEndian.Uint32(key[:]) - binary.BigEndian.Uint32(last[:]),
		binary.LittleEndian.Uint32(key[:]) - binary.LittleEndian.Uint32(last[:]),
	}
	longest := uint8(0)
	for i, step := range steps {
		if step != k.step[i] {
			k.step[i], k.runs[i] = step, 0
		}
		k.runs[i]++
		longest = max(longest, k.runs[i])
	}
	zero := key == last && key == [4]byte{} // two are no accident: once in 2^64
	if longest < keyRun-1 && !zero {
		return 0
	}
	k.told = true
	switch {
	case zero:
		return OddKeyZero
	case key == last:
		return OddKeyConstant
	}
	return OddKeyCounting
}
