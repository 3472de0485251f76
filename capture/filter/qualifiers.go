package filter

import (
	"math/bits"
	"net/netip"
	"strconv"
	"strings"
)

// qualifiers are what stands before a value and tells its meaning.
type qualifiers struct {
	protocol  string // key of protocols, empty if unsaid
	direction direction
	kind      kind
}

// kind is what a value is.
type kind uint8

const (
	unsaid kind = iota // with a direction, it is a host
	aHost
	aNet
	aPort
	aPortrange
	aProto
)

var kinds = map[string]kind{"host": aHost, "net": aNet, "port": aPort, "portrange": aPortrange, "proto": aProto}

// value tells what is expected, for an error.
func (k kind) value() string {
	switch k {
	case aNet:
		return "a network"
	case aPort:
		return "the number of a port"
	case aPortrange:
		return "a range of ports such as 8000-8010"
	case aProto:
		return "the number of a protocol"
	}
	return "an address"
}

// protocols are the words that name one: what they mean alone, and what they mean before a value.
var protocols = map[string]struct {
	alone primitive
	hosts families // whose addresses it qualifies
	ports []uint32 // protocol number whose ports it qualifies
	carry families // whose payload protocols it qualifies
}{
	"":      {hosts: ip4 | arp | rarp | ip6, ports: []uint32{protoSCTP, protoTCP, protoUDP}, carry: ip4 | ip6},
	"ip":    {alone: network{ip4}, hosts: ip4, carry: ip4},
	"ip6":   {alone: network{ip6}, hosts: ip6, carry: ip6},
	"arp":   {alone: network{arp}, hosts: arp},
	"rarp":  {alone: network{rarp}, hosts: rarp},
	"tcp":   {alone: carries{ip4 | ip6, protoTCP}, ports: []uint32{protoTCP}},
	"udp":   {alone: carries{ip4 | ip6, protoUDP}, ports: []uint32{protoUDP}},
	"sctp":  {alone: carries{ip4 | ip6, protoSCTP}, ports: []uint32{protoSCTP}},
	"icmp":  {alone: carries{ip4, protoICMP}},
	"icmp6": {alone: carries{ip6, protoICMP6}},
}

// Protocol numbers (https://www.iana.org/assignments/protocol-numbers).
const (
	protoICMP     = 1
	protoTCP      = 6
	protoUDP      = 17
	protoFragment = 44
	protoICMP6    = 58
	protoSCTP     = 132
)

// qualifiers reads what stands before a value; all of it may be missing.
func (p *parser) qualifiers() (q qualifiers, err error) {
	if t := p.peek(); t.word != "" {
		if _, ok := protocols[t.word]; ok {
			q.protocol = p.next().word
		}
	}
	said := p.peek()
	switch {
	case p.takeAll("src", "or", "dst"), p.takeAll("dst", "or", "src"):
		q.direction = eitherDirection
	case p.takeAll("src", "and", "dst"), p.takeAll("dst", "and", "src"):
		q.direction = bothDirections
	case p.takeAll("src"):
		q.direction = source
	case p.takeAll("dst"):
		q.direction = destination
	}
	t := p.peek()
	if k, ok := kinds[t.word]; ok {
		p.at++
		q.kind = k
	}
	if q.kind == aProto && q.direction != unsaidDirection {
		return q, said.refuse("does not go with proto")
	}
	means := protocols[q.protocol]
	fits := true
	switch q.kind {
	case aPort, aPortrange:
		fits = means.ports != nil
	case aProto:
		fits = means.carry != 0
	default:
		fits = means.hosts != 0 || q.kind == unsaid && q.direction == unsaidDirection
	}
	if !fits {
		return q, t.refuse("does not go with %s", q.protocol)
	}
	return q, nil
}

// primitive makes one of a value.
func (q qualifiers) primitive(p *parser, t token) (primitive, error) {
	means := protocols[q.protocol]
	switch q.kind {
	case aPort:
		n, err := number(t, aPort.value()+" is expected", 65535)
		return port{means.ports, q.direction, n, n}, err
	case aPortrange:
		low, high, found := strings.Cut(t.word, "-")
		if !found {
			high = low
		}
		a, err := number(token{t.text, low, t.offset}, aPortrange.value()+" is expected", 65535)
		if err != nil {
			return nil, err
		}
		b, err := number(token{t.text, high, t.offset}, aPortrange.value()+" is expected", 65535)
		return port{means.ports, q.direction, min(a, b), max(a, b)}, err
	case aProto:
		if alone, ok := protocols[strings.TrimPrefix(t.word, `\`)].alone.(carries); ok && t.word[0] == '\\' && alone.number != protoICMP6 {
			return carries{means.carry, alone.number}, nil
		}
		n, err := number(t, aProto.value()+` or \tcp, \udp, \sctp, \icmp is expected`, 255)
		return carries{means.carry, n}, err
	case aNet:
		return q.net(p, t, means.hosts)
	}
	addr, err := netip.ParseAddr(t.word)
	switch {
	case strings.Contains(t.word, "/"):
		return nil, t.refuse("a network is written after net")
	case addr.Zone() != "":
		return nil, t.refuse("an address with a zone is not supported")
	case err != nil && isNumber(t.word):
		return nil, t.refuse("is no address; a port is written after port, a network after net")
	case err != nil:
		return nil, t.refuse("is no address, and host names are not looked up")
	}
	return q.address(t, means.hosts, netip.PrefixFrom(addr, addr.BitLen()))
}

func (q qualifiers) address(t token, hosts families, prefix netip.Prefix) (primitive, error) {
	a := address{direction: q.direction, families: hosts & (ip4 | arp | rarp)}
	if prefix.Addr().Is6() {
		a.families = hosts & ip6
	}
	if a.families == 0 {
		return nil, t.refuse("does not go with %s", q.protocol)
	}
	if prefix.Masked() != prefix {
		return nil, t.refuse("has bits set outside its prefix; %s is the network", prefix.Masked())
	}
	if b := prefix.Addr(); b.Is4() {
		four := b.As4()
		a.value, a.mask = words(four[:]), prefixMask(prefix.Bits(), 1)
	} else {
		sixteen := b.As16()
		a.value, a.mask = words(sixteen[:]), prefixMask(prefix.Bits(), 4)
	}
	return a, nil
}

// net reads a network: with a prefix length, with a mask behind it, or with as many octets as count.
func (q qualifiers) net(p *parser, t token, hosts families) (primitive, error) {
	if strings.Contains(t.word, ":") {
		if !strings.Contains(t.word, "/") {
			t.word += "/128"
		}
		prefix, err := netip.ParsePrefix(t.word)
		if err != nil {
			return nil, t.refuse("is no network")
		}
		if p.peek().is("mask") {
			return nil, p.peek().refuse("does not go with IPv6; write the length of the prefix after /")
		}
		return q.address(t, hosts, prefix)
	}
	short, length, found := strings.Cut(t.word, "/")
	octets := strings.Count(short, ".") + 1
	addr, err := netip.ParseAddr(short + strings.Repeat(".0", max(4-octets, 0)))
	if err != nil {
		return nil, t.refuse("is no network, and names of networks are not looked up")
	}
	if found {
		bits, err := strconv.Atoi(length)
		if err != nil || bits > 32 || bits < 0 || length != strconv.Itoa(bits) {
			return nil, t.refuse("the length of the prefix is no number from 0 to 32")
		}
		if octets == 1 {
			return nil, t.refuse("tcpdump takes a length only after more than one octet; write %s/%d", addr, bits)
		}
		return q.address(t, hosts, netip.PrefixFrom(addr, bits))
	}
	if _, ok := p.take("mask"); ok {
		return q.masked(t, hosts, addr, p.next())
	}
	bits := 8 * octets
	if short == "0" {
		bits = 32 // tcpdump promotes a number until its first octet is not 0
	}
	return q.address(t, hosts, netip.PrefixFrom(addr, bits))
}

func (q qualifiers) masked(t token, hosts families, addr netip.Addr, mask token) (primitive, error) {
	m, err := netip.ParseAddr(mask.word)
	if err != nil || !m.Is4() {
		return nil, mask.refuse("stands where a mask such as 255.255.0.0 is expected")
	}
	made, err := q.address(t, hosts, netip.PrefixFrom(addr, 32))
	if err != nil {
		return nil, err
	}
	a := made.(address)
	four := m.As4()
	a.mask = words(four[:])
	if a.value[0]&^a.mask[0] != 0 {
		return nil, t.refuse("has bits set outside its mask %s", mask.word)
	}
	return a, nil
}

// words reads octets as numbers in network order.
func words(octets []byte) (w []uint32) {
	for ; len(octets) > 0; octets = octets[4:] {
		w = append(w, uint32(octets[0])<<24|uint32(octets[1])<<16|uint32(octets[2])<<8|uint32(octets[3]))
	}
	return w
}

// prefixMask is the mask of n words whose first length bits are set.
func prefixMask(length, n int) (w []uint32) {
	for range n {
		w = append(w, bits.Reverse32(uint32(uint64(1)<<min(max(length, 0), 32)-1)))
		length -= 32
	}
	return w
}

func isNumber(word string) bool {
	_, err := strconv.ParseUint(word, 10, 64)
	return err == nil
}

// number reads a token as a number of at most limit; reason is what is wrong if it is none.
func number(t token, reason string, limit uint32) (uint32, error) {
	digits, base := t.word, 10
	if hex, ok := strings.CutPrefix(digits, "0x"); ok {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 64)
	switch {
	case base == 10 && len(digits) > 1 && digits[0] == '0' && err == nil:
		return 0, t.refuse("a leading zero is ambiguous")
	case err != nil && !isRange(err):
		return 0, t.refuse("%s", reason)
	case err != nil || n > uint64(limit):
		return 0, t.refuse("is more than %d", limit)
	}
	return uint32(n), nil
}

func isRange(err error) bool {
	e, ok := err.(*strconv.NumError)
	return ok && e.Err == strconv.ErrRange
}
