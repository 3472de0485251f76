package report

import (
	"strconv"
	"strings"
)

// HostPort takes an authority apart (RFC 3986 §3.2). The port is 0 where none is named; brackets of an IPv6 address stay.
func HostPort(authority string) (host string, port int) {
	i := strings.LastIndexByte(authority, ':')
	if i < 0 || strings.IndexByte(authority[i:], ']') >= 0 {
		return authority, 0
	}
	n, err := strconv.ParseUint(authority[i+1:], 10, 16)
	if err != nil {
		return authority, 0
	}
	return authority[:i], int(n)
}
