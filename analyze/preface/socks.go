package preface

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"wshake/analyze/event"
)

// SOCKS 4 and 4a (the protocol notes of Y. Lee), 5 (RFC 1928), with a name and a password (RFC 1929).

const (
	connect      = 1
	typeIPv4     = 1
	typeName     = 3
	typeIPv6     = 4
	authGSSAPI   = 1
	authPassword = 2
	socks4Grant  = 90
)

// detectSOCKS says whether a client's first octets begin a SOCKS dialogue that connects to something.
func (r *Reader) detectSOCKS(p []byte) Verdict {
	if len(p) < 2 {
		if len(p) == 1 && p[0] != 4 && p[0] != 5 {
			return No
		}
		return More
	}
	switch {
	case p[0] == 4 && p[1] == connect:
		r.kind = socks4
	case p[0] == 5 && p[1] >= 1 && p[1] <= 10:
		n := int(p[1])
		for _, method := range p[2:min(len(p), 2+n)] {
			if method > 9 && method < 0x80 || method == 0xFF { // not assigned
				return No
			}
		}
		if len(p) < 2+n {
			return More
		}
		r.kind = socks5
	default:
		return No
	}
	return Yes
}

// socks4 reads a request (version, command, port, address, user and for 4a a name, both ended by a zero octet), and
// its reply.
func (r *Reader) socks4(side event.Side, p []byte) (taken int, v Verdict) {
	if side == event.Server {
		switch {
		case len(p) > 0 && p[0] != 0:
			return 0, No
		case len(p) < 8:
			return 0, More
		case p[1] != socks4Grant:
			r.why = "SOCKS4, refused"
			return 0, No
		}
		r.done[side] = true
		return 8, Yes
	}
	if len(p) < 9 {
		return 0, More
	}
	port := binary.BigEndian.Uint16(p[2:])
	addr := netip.AddrFrom4([4]byte(p[4:8]))
	user := bytes.IndexByte(p[8:], 0)
	if user < 0 {
		return 0, More
	}
	end := 8 + user + 1
	r.told.Protocol, r.told.Server = "socks4", hostPort(addr, port)
	if a := addr.As4(); a[0]|a[1]|a[2] == 0 && a[3] != 0 { // 4a: the name follows
		name := bytes.IndexByte(p[end:], 0)
		if name < 0 {
			return 0, More
		}
		r.told.Server = event.Some(net.JoinHostPort(string(p[end:end+name]), strconv.Itoa(int(port))))
		end += name + 1
	}
	r.done[side] = true
	return end, Yes
}

// socks5 reads the next message of a side.
func (r *Reader) socks5(side event.Side, p []byte) (taken int, v Verdict) {
	if len(p) < 2 {
		return 0, More
	}
	step := &r.step[side]
	if side == event.Server {
		switch {
		case *step == 0: // the method that was chosen
			switch {
			case p[0] != 5:
				return 0, No
			case p[1] == 0xFF:
				r.why = "SOCKS5, refused"
				return 0, No
			case p[1] == authGSSAPI: // RFC 1961: what follows is wrapped
				r.why = "SOCKS5 with GSSAPI"
				return 0, No
			case p[1] != 0 && p[1] != authPassword:
				r.why = fmt.Sprintf("SOCKS5 with method %d", p[1])
				return 0, No
			}
			r.auth = p[1] == authPassword
			*step = 1
			return 2, Yes
		case *step == 1 && r.auth: // the outcome of authentication
			if p[0] != 1 || p[1] != 0 {
				r.why = "SOCKS5, refused"
				return 0, No
			}
			*step = 2
			return 2, Yes
		case p[0] == 5 && p[1] != 0:
			r.why = "SOCKS5, refused"
			return 0, No
		case p[0] != 5:
			return 0, No
		}
		n, _, v := address(p)
		if v == Yes {
			r.done[side] = true
		}
		return n, v
	}
	switch {
	case *step == 0: // the methods offered
		n := 2 + int(p[1])
		if len(p) < n {
			return 0, More
		}
		*step = 1
		return n, Yes
	case p[0] == 1: // a name and a password
		n := 2 + int(p[1])
		if len(p) <= n {
			return 0, More
		}
		if n += 1 + int(p[n]); len(p) < n {
			return 0, More
		}
		return n, Yes
	case p[0] != 5 || p[1] != connect:
		return 0, No
	}
	n, server, v := address(p)
	if v == Yes {
		r.told.Protocol, r.told.Server, r.done[side] = "socks5", event.Some(server), true
	}
	return n, v
}

// address reads a request or a reply of SOCKS 5: version, command or outcome, zero, address type, address, port.
func address(p []byte) (n int, text string, v Verdict) {
	if len(p) < 5 {
		return 0, "", More
	}
	var size int
	begin := 4
	switch p[3] {
	case typeIPv4:
		size = 4
	case typeIPv6:
		size = 16
	case typeName:
		begin, size = 5, int(p[4])
	default:
		return 0, "", No
	}
	end := begin + size + 2
	if len(p) < end {
		return 0, "", More
	}
	port := strconv.Itoa(int(binary.BigEndian.Uint16(p[begin+size:])))
	if p[3] == typeName {
		return end, net.JoinHostPort(string(p[begin:begin+size]), port), Yes
	}
	addr, _ := netip.AddrFromSlice(p[begin : begin+size])
	return end, net.JoinHostPort(addr.Unmap().String(), port), Yes
}
