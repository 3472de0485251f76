package http1

// tokenOctet marks the octets of a token: tchar of RFC 9110 §5.6.2, the same set as in RFC 2616 §2.2.
var tokenOctet = func() (set [256]bool) {
	for c := '0'; c <= '9'; c++ {
		set[c] = true
	}
	for c := 'a'; c <= 'z'; c++ {
		set[c], set[c-'a'+'A'] = true, true
	}
	for _, c := range "!#$%&'*+-.^_`|~" {
		set[c] = true
	}
	return set
}()

// IsToken reports whether s is a token (RFC 9110 §5.6.2), which is never empty.
func IsToken(s string) bool { return s != "" && tokenLength(s) == len(s) }

// tokenLength returns how many octets at the beginning of s are those of a token.
func tokenLength(s string) int {
	for i := range len(s) {
		if !tokenOctet[s[i]] {
			return i
		}
	}
	return len(s)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// trimBlanks cuts outer SP and HTAB: the OWS of RFC 9110 §5.6.3.
func trimBlanks(s string) string {
	for s != "" && isBlank(s[0]) {
		s = s[1:]
	}
	return trimRightBlanks(s)
}

func trimRightBlanks(s string) string {
	for s != "" && isBlank(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}
