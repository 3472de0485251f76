package check

import "encoding/binary"

const (
	alpha = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digit = "0123456789"
)

// octetSet has true for each octet of a set.
type octetSet [256]bool

var (
	isDigit   = setOf(digit)
	isScheme  = setOf(alpha + digit + "+-.")              // RFC 3986 §3.1
	isRegName = setOf(alpha + digit + "-._~%!$&'()*+,;=") // RFC 3986 §3.2.2
)

func setOf(octets string) (set octetSet) {
	for i := range len(octets) {
		set[octets[i]] = true
	}
	return set
}

func consistsOf(s string, set *octetSet) bool {
	for i := range len(s) {
		if !set[s[i]] {
			return false
		}
	}
	return true
}

// control gives the index of the first control character of s that is no tab, -1 where there is none: no field value
// may have them (RFC 9110 §5.5).
func control(s string) int {
	i := 0
	for i+8 <= len(s) && !anyControl(s[i:]) {
		i += 8
	}
	for ; i < len(s); i++ {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return i
		}
	}
	return -1
}

// anyControl reports that one of the first eight octets of s is a control character, a tab included. It looks at all
// eight at once: an octet whose top bit is clear gets it when what is subtracted is larger.
func anyControl(s string) bool {
	const each, top = 0x0101010101010101, 0x8080808080808080
	w := binary.LittleEndian.Uint64([]byte(s[:8]))
	deleted := w ^ 0x7f*each // zero where w has 7F
	return ((w-' '*each)&^w|(deleted-each)&^deleted)&top != 0
}
