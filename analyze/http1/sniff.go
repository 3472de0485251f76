package http1

import "bytes"

// Verdict is what the first octets of a stream say.
type Verdict uint8

const (
	More Verdict = iota // not enough octets to tell
	Yes
	No
)

// maxSniff is how many octets LooksLikeRequest looks at before it says No.
const maxSniff = 8 << 10

// LooksLikeRequest tells whether a stream that begins with prefix begins with an HTTP/1.x request: a method of at most
// 20 octets, a target and HTTP/1. on the first line that is not empty. Targets with blanks in them pass, for such
// requests are sent; requests without a version (HTTP/0.9), the HTTP/2 preface and the request lines of RTSP, SIP and
// IRC do not.
func LooksLikeRequest(prefix []byte) Verdict {
	prefix = skipEmptyLines(prefix)
	if len(prefix) == 0 {
		return More
	}
	if Request.misfit(prefix) >= 0 {
		return No
	}
	first := bytes.IndexByte(prefix, ' ')
	if first < 0 {
		return More
	}
	for i, c := range prefix[first+1:] {
		switch {
		case i >= maxSniff, c < ' ', c == 0x7f:
			return No
		case c == ' ': // also right behind the method: the target may be empty
			if v := matches(prefix[first+1+i:], " HTTP/1.d"); v != No {
				return v
			}
		}
	}
	return More
}

// LooksLikeResponse tells whether a stream that begins with prefix begins with an HTTP/1.x status line, up to its
// status code.
func LooksLikeResponse(prefix []byte) Verdict {
	return matches(skipEmptyLines(prefix), "HTTP/1.d ddd")
}

// matches compares the octets of b with a pattern in which d stands for any digit.
func matches(b []byte, pattern string) Verdict {
	for i := range min(len(b), len(pattern)) {
		if pattern[i] == 'd' && isDigit(b[i]) || pattern[i] == b[i] && b[i] != 'd' {
			continue
		}
		return No
	}
	if len(b) < len(pattern) {
		return More
	}
	return Yes
}

// skipEmptyLines also skips a last CR that may begin one.
func skipEmptyLines(b []byte) []byte {
	for bytes.HasPrefix(b, []byte("\r\n")) {
		b = b[2:]
	}
	if len(b) == 1 && b[0] == '\r' {
		return nil
	}
	return b
}

// methods are those that a lost parser believes: RFC 9110 §9.3 and PATCH.
var methods = []string{"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}

// resumes tells whether a segment that begins with prefix begins with a head, by which a lost parser finds its way
// back.
func (k Kind) resumes(prefix []byte) Verdict {
	if k == Response {
		return matches(prefix, "HTTP/1.d ddd")
	}
	method, _, _ := bytes.Cut(prefix, []byte(" "))
	if len(method) == len(prefix) {
		return oneBegins(method)
	}
	for _, known := range methods {
		if string(method) == known {
			return LooksLikeRequest(prefix)
		}
	}
	return No
}

func oneBegins(method []byte) Verdict {
	for _, known := range methods {
		if len(method) <= len(known) && known[:len(method)] == string(method) {
			return More
		}
	}
	return No
}

// LikeRequestLine reports whether a line that is no request line was meant to be one: it has a known method in any case
// and a target, or three words of which the second is a target and a later one is a version. Blanks may be tabs. Part
// of a request line, whose beginning is missing, is not like one.
func LikeRequestLine(line []byte) bool {
	words := bytes.Fields(line[:min(len(line), maxSniff)])
	if len(words) < 2 {
		return false
	}
	for _, known := range methods {
		if bytes.EqualFold(words[0], []byte(known)) {
			return true
		}
	}
	target := words[1]
	if target[0] != '/' && target[0] != '*' && !bytes.Contains(target, []byte("://")) {
		return false
	}
	for _, word := range words[2:] {
		if len(word) > 5 && bytes.EqualFold(word[:5], []byte("HTTP/")) {
			return true
		}
	}
	return false
}
