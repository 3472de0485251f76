package preface

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"strconv"
	"strings"

	"wshake/analyze/event"
)

// The PROXY protocol: HAProxy's doc/proxy-protocol.txt, sections 2.1 (version 1) and 2.2 (version 2).

const (
	proxyV1    = "PROXY "
	proxyV2    = "\r\n\r\n\x00\r\nQUIT\n"
	longestV1  = 107 // with its line end
	v2Header   = 16
	v2Local    = 0x0
	v2Proxy    = 0x1
	familyIPv4 = 0x1
	familyIPv6 = 0x2
)

// LooksLikeProxy says whether octets begin with a PROXY header.
func LooksLikeProxy(p []byte) Verdict {
	for _, signature := range []string{proxyV1, proxyV2} {
		n := min(len(p), len(signature))
		if string(p[:n]) == signature[:n] {
			if n < len(signature) {
				return More
			}
			return Yes
		}
	}
	return No
}

// proxy reads the header.
func (r *Reader) proxy(p []byte) (taken int, v Verdict) {
	if bytes.HasPrefix(p, []byte(proxyV1)) {
		return r.proxyText(p)
	}
	if len(p) < v2Header {
		return 0, More
	}
	command, family, length := p[12], p[13]>>4, int(binary.BigEndian.Uint16(p[14:]))
	if command>>4 != 2 || command&0xF > v2Proxy {
		return 0, No
	}
	if len(p) < v2Header+length {
		return 0, More
	}
	block := p[v2Header : v2Header+length]
	r.told.Protocol = "proxy-v2"
	size := map[byte]int{familyIPv4: 4, familyIPv6: 16}[family]
	switch {
	case command&0xF == v2Local, size == 0: // of the proxy's own accord, or of a family without addresses: names nobody
	case len(block) < 2*size+4:
		return 0, No
	default:
		client, _ := netip.AddrFromSlice(block[:size])
		server, _ := netip.AddrFromSlice(block[size : 2*size])
		r.told.Client = hostPort(client, binary.BigEndian.Uint16(block[2*size:]))
		r.told.Server = hostPort(server, binary.BigEndian.Uint16(block[2*size+2:]))
	}
	r.done[event.Client] = true
	return v2Header + length, Yes
}

// proxyText reads a header of version 1: PROXY TCP4|TCP6 client server port port CRLF, or PROXY UNKNOWN and anything.
func (r *Reader) proxyText(p []byte) (taken int, v Verdict) {
	end := bytes.IndexByte(p[:min(len(p), longestV1)], '\n')
	if end < 0 {
		if len(p) >= longestV1 {
			return 0, No
		}
		return 0, More
	}
	words := strings.Split(strings.TrimSuffix(string(p[len(proxyV1):end]), "\r"), " ")
	r.told.Protocol = "proxy-v1"
	switch {
	case words[0] == "UNKNOWN": // names nobody
	case len(words) == 5 && (words[0] == "TCP4" || words[0] == "TCP6"):
		client, err1 := netip.ParseAddr(words[1])
		server, err2 := netip.ParseAddr(words[2])
		clientPort, err3 := strconv.ParseUint(words[3], 10, 16)
		serverPort, err4 := strconv.ParseUint(words[4], 10, 16)
		if err1 != nil || err2 != nil || err3 != nil || err4 != nil {
			return 0, No
		}
		r.told.Client, r.told.Server = hostPort(client, uint16(clientPort)), hostPort(server, uint16(serverPort))
	default:
		return 0, No
	}
	r.done[event.Client] = true
	return end + 1, Yes
}
