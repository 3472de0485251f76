package main

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"wshake/capture"
	"wshake/capture/filter"
	"wshake/reassembly"
	"wshake/reassembly/decode"
)

// unmatched learns what the packets are that a filter does not take, as long as it takes none.
type unmatched struct {
	expr    string
	matcher *filter.Matcher
	decoder *decode.Decoder
	packets uint64
	tcp     uint64
	inside  uint64            // TCP that the filter would take without what is around it
	ports   map[uint16]uint64 // TCP segments by the lower port
	others  []alternative
}

// alternative is a filter that may fit, and how many packets it takes of those that are meant.
type alternative struct {
	expr    string
	matcher *filter.Matcher
	packets uint64
}

// portsCounted bounds the table of ports.
const portsCounted = 1024

func newUnmatched(expr string, m *filter.Matcher) *unmatched {
	u := &unmatched{expr: expr, matcher: m, decoder: decode.NewDecoder(decode.Config{}), ports: make(map[uint16]uint64)}
	list := []string{"vlan and (" + expr + ")", "vlan and vlan and (" + expr + ")"}
	for _, tunnel := range []string{
		"udp port 4789", "udp port 8472", "udp port 6081", "udp port 2152", "udp port 4790", "udp port 37008",
		"udp port 5247", "udp port 1701", "udp port 4754", "udp port 6635", "udp port 4341",
		"proto 47", "proto 4", "proto 41", "proto 97", "proto 115", "proto 137", "udp",
	} {
		list = append(list, tunnel, "vlan and "+tunnel)
	}
	for _, expr := range list {
		if m, err := filter.NewMatcher(expr); err == nil {
			u.others = append(u.others, alternative{expr: expr, matcher: m})
		}
	}
	return u
}

// look takes a packet that the filter does not take.
func (u *unmatched) look(p *capture.Packet) {
	u.packets++
	var s reassembly.Segment
	if u.decoder.Decode(p, &s) != decode.TCP {
		return
	}
	u.tcp++
	port := min(s.Key.Port[0], s.Key.Port[1])
	if _, ok := u.ports[port]; ok || len(u.ports) < portsCounted {
		u.ports[port]++
	}
	if pass, err := u.matcher.Match(bare(&s, p)); err != nil || !pass {
		return
	}
	u.inside++
	for i := range u.others {
		if pass, err := u.others[i].matcher.Match(p); err == nil && pass {
			u.others[i].packets++
		}
	}
}

// bare is the IP packet of a segment without any tag or tunnel around it, headers only.
func bare(s *reassembly.Segment, p *capture.Packet) *capture.Packet {
	const linkRaw, tcpHeader, hopLimit = 101, 20, 64
	src, dst := s.Key.Endpoint(s.From).Addr(), s.Key.Endpoint(s.From^1).Addr()
	var b []byte
	if src.Is4() && dst.Is4() {
		b = append(b, 0x45, 0, 0, 20+tcpHeader, 0, 0, 0, 0, hopLimit, reassembly.ProtocolTCP, 0, 0)
	} else {
		b = append(b, 0x60, 0, 0, 0, 0, tcpHeader, reassembly.ProtocolTCP, hopLimit)
	}
	b = append(append(b, src.AsSlice()...), dst.AsSlice()...)
	b = binary.BigEndian.AppendUint16(b, s.Key.Port[s.From])
	b = binary.BigEndian.AppendUint16(b, s.Key.Port[s.From^1])
	b = binary.BigEndian.AppendUint32(b, s.Seq)
	b = binary.BigEndian.AppendUint32(b, s.Ack)
	b = append(b, tcpHeader/4<<4, s.Flags, 0, 0, 0, 0, 0, 0)
	return &capture.Packet{Data: b, Length: p.Length, Link: linkRaw}
}

// text says what the packets were, and which filter would fit. It is "" where there were none.
func (u *unmatched) text() string {
	if u.packets == 0 {
		return ""
	}
	said := fmt.Sprintf("the filter %q takes none of the %d packets", u.expr, u.packets)
	var best *alternative
	for i := range u.others {
		if a := &u.others[i]; a.packets > 0 && (best == nil || a.packets > best.packets) {
			best = a
		}
	}
	switch {
	case best != nil:
		return fmt.Sprintf("%s: %d would pass without the VLAN tag or tunnel around them; try %q, which takes %d",
			said, u.inside, best.expr, best.packets)
	case u.inside > 0:
		return fmt.Sprintf("%s: %d would pass without the tag or tunnel around them; try without a filter", said, u.inside)
	}
	var kinds []string
	if u.tcp > 0 {
		kinds = append(kinds, fmt.Sprintf("%d TCP (%s)", u.tcp, u.mostPorts()))
	}
	const named = 4
	for i, row := range u.decoder.Unread() {
		if i == named {
			break
		}
		kinds = append(kinds, fmt.Sprintf("%d %s", row.Packets, row.What))
	}
	return said + ": " + strings.Join(kinds, ", ")
}

// mostPorts names the ports of most segments.
func (u *unmatched) mostPorts() string {
	const named = 3
	var ports []uint16
	for port := range u.ports {
		ports = append(ports, port)
	}
	slices.SortFunc(ports, func(a, b uint16) int {
		return cmp.Or(cmp.Compare(u.ports[b], u.ports[a]), cmp.Compare(a, b))
	})
	text := make([]string, min(named, len(ports)))
	for i := range text {
		text[i] = fmt.Sprintf("%d to or from port %d", u.ports[ports[i]], ports[i])
	}
	return strings.Join(text, ", ")
}
