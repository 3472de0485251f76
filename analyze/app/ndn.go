package app

import (
	"encoding/binary"
	"fmt"
	"strings"

	"wshake/analyze/event"
)

// NDN: the packet format of Named Data Networking 0.3 and NDNLPv2, a packet in each message.
var ndn = protocol{name: "ndn", opens: func(m *Message) bool { return m.Opcode == event.OpBinary && readNDN(nil, m) != nil },
	read: readNDN}

const (
	ndnInterest, ndnData, ndnName, ndnLink, ndnFragment, ndnNack, ndnNackReason = 0x05, 0x06, 0x07, 0x64, 0x50, 0x0320, 0x0321
)

// tlv takes an element from the beginning of p: its value as far as it is there, and its length.
func tlv(p []byte) (kind, length uint64, v, rest []byte, ok bool) {
	if kind, p, ok = ndnNumber(p); !ok {
		return
	}
	if length, p, ok = ndnNumber(p); !ok {
		return
	}
	n := min(length, uint64(len(p)))
	return kind, length, p[:n], p[n:], true
}

// ndnNumber takes a number of 1, 3, 5 or 9 octets.
func ndnNumber(p []byte) (n uint64, rest []byte, ok bool) {
	if len(p) == 0 {
		return 0, nil, false
	}
	switch size := len(p) - 1; {
	case p[0] < 253:
		return uint64(p[0]), p[1:], true
	case p[0] == 253 && size >= 2:
		return uint64(binary.BigEndian.Uint16(p[1:])), p[3:], true
	case p[0] == 254 && size >= 4:
		return uint64(binary.BigEndian.Uint32(p[1:])), p[5:], true
	case p[0] == 255 && size >= 8:
		return binary.BigEndian.Uint64(p[1:]), p[9:], true
	}
	return 0, nil, false
}

func readNDN(_ *Talk, m *Message) *event.App {
	if m.Opcode != event.OpBinary || m.Lost {
		return nil
	}
	kind, length, v, rest, ok := tlv(m.First)
	head := uint64(len(m.First) - len(v) - len(rest))
	if !ok || head+length != m.Length {
		return nil // a packet is the whole message
	}
	if kind != ndnLink {
		return ndnPacket(kind, v, "")
	}
	nack := ""
	for len(v) > 0 {
		field, _, inner, rest, ok := tlv(v)
		if !ok {
			return nil
		}
		v = rest
		switch field {
		case ndnNack:
			nack = "Nack"
			if reason, _, r, _, ok := tlv(inner); ok && reason == ndnNackReason && len(r) == 1 {
				nack = map[byte]string{50: "congestion", 100: "duplicate", 150: "no route"}[r[0]]
				if nack == "" {
					nack = fmt.Sprintf("reason %d", r[0])
				}
			}
		case ndnFragment:
			kind, _, v, _, ok := tlv(inner)
			if !ok {
				return nil
			}
			return ndnPacket(kind, v, nack)
		}
	}
	return said("ndn", "LpPacket", "", "", "", "LpPacket without a fragment")
}

func ndnPacket(kind uint64, p []byte, nack string) *event.App {
	if kind != ndnInterest && kind != ndnData {
		return nil
	}
	field, length, name, _, ok := tlv(p)
	if !ok || field != ndnName || length == 0 {
		return nil
	}
	uri, ok := ndnURI(name, length)
	if !ok {
		return nil
	}
	word := map[uint64]string{ndnInterest: "Interest", ndnData: "Data"}[kind]
	if nack != "" {
		return said("ndn", "Nack", "", uri, nack, join("Nack", uri), nack)
	}
	return said("ndn", word, "", uri, "", join(word, uri))
}

// ndnURI writes a name as a URI (NDN URI scheme).
func ndnURI(p []byte, length uint64) (string, bool) {
	var b strings.Builder
	cut := uint64(len(p)) < length
	for len(p) > 0 {
		kind, n, v, rest, ok := tlv(p)
		if whole := uint64(len(v)) == n; !ok || !whole {
			return b.String() + "…", cut && b.Len() > 0
		}
		if kind == 0 || kind > 65535 {
			return "", false
		}
		b.WriteByte('/')
		switch {
		case kind == 1 || kind == 2:
			fmt.Fprintf(&b, "%s=%x", [3]string{1: "sha256digest", 2: "params-sha256"}[kind], v)
		case kind != 8:
			fmt.Fprintf(&b, "%d=", kind)
			fallthrough
		default:
			for _, c := range v {
				if c > ' ' && c < 0x7f && c != '/' && c != '%' {
					b.WriteByte(c)
				} else {
					fmt.Fprintf(&b, "%%%02X", c)
				}
			}
		}
		p = rest
	}
	return b.String(), true
}
