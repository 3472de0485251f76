package decode

import (
	"encoding/binary"

	"wshake/reassembly"
)

// services are the ends that datagrams of QUIC connections were begun to: short headers do not show what they are, so
// what goes to or comes from such an end is taken for QUIC.
//
// There are two generations. Where the younger is full, the older is forgotten and the younger takes its place: ends
// that are used stay, and memory is bounded.
type services struct {
	young, old map[service]uint64 // with the ordinal of the packet that began
	recent     [64]recentService  // those that were found last
	ports      [1 << 16 / 64]uint64
	any        bool
	guess      bool          // see Decoder.GuessServices
	began      func(Service) // see Decoder.LookForServices
}

// Service is the end of a server of QUIC.
type Service struct {
	Addr [16]byte
	Port uint16
}

// Know has datagrams of a service read that began elsewhere, from the packet with an ordinal on.
func (d *Decoder) Know(s Service, ordinal uint64) { d.services.add(service{s.Addr, s.Port}, ordinal) }

// LookForServices has every datagram handed out that may be of QUIC, also to an end of which no beginning was met, and
// began told where one is met.
func (d *Decoder) LookForServices(began func(Service)) { d.services.began = began }

// GuessServices has every datagram handed out that may be of QUIC, also to an end of which no beginning was met: it is
// marked as guessed.
func (d *Decoder) GuessServices() { d.services.guess = true }

// service is an end.
type service struct {
	addr [16]byte
	port uint16
}

// recentService is an end that is known.
type recentService struct {
	service
	known   bool
	ordinal uint64
}

// slot is where recent may have an end.
func (e *service) slot() int {
	low := binary.LittleEndian.Uint16(e.addr[14:]) ^ e.port
	return int(low^low>>8) % len(services{}.recent)
}

// maxServices bounds a generation.
const maxServices = 1 << 15

// add takes note of an end.
func (s *services) add(e service, ordinal uint64) {
	if _, known := s.find(e); known {
		return
	}
	s.put(e, ordinal)
	s.ports[e.port/64] |= 1 << (e.port % 64)
	s.any = true
}

func (s *services) put(e service, ordinal uint64) {
	if len(s.young) >= maxServices || s.young == nil {
		s.old, s.young = s.young, make(map[service]uint64)
		clear(s.recent[:]) // what is used again stays
	}
	s.young[e] = ordinal
}

// may reports whether an end with that port may be known.
func (s *services) may(port uint16) bool { return s.ports[port/64]>>(port%64)&1 != 0 }

// find gives the ordinal of the packet by which an end became known.
func (s *services) find(e service) (ordinal uint64, known bool) {
	if !s.may(e.port) {
		return 0, false
	}
	r := &s.recent[e.slot()]
	if r.known && r.service == e {
		return r.ordinal, true
	}
	if ordinal, known = s.young[e]; !known {
		if ordinal, known = s.old[e]; known {
			s.put(e, ordinal)
		}
	}
	if known {
		*r = recentService{e, true, ordinal}
	}
	return ordinal, known
}

// smallestShort is how many octets the smallest packet with a short header has (RFC 9001 §5.4.2), without an id.
const smallestShort = 21

// quic fills the Segment with a datagram if that is one of QUIC. b is its payload.
func (d *Decoder) quic(source, destination uint16, b []byte) bool {
	long := d.found.Shape == QUIC
	v := &d.services
	all := (v.began != nil || v.guess && len(b) >= smallestShort) && len(b) > 0 && b[0]&0xc0 == 0x40
	// Between ends that are known any first octet may be one of QUIC: the fixed bit may be cleared (RFC 9287 §3).
	if !long && !all && (!v.any || len(b) == 0 || !v.may(source) && !v.may(destination)) {
		return false
	}
	if long && beginsQUIC(b) {
		if _, known := v.find(service{d.src, source}); !known {
			v.add(service{d.dst, destination}, d.packet.Ordinal)
			if v.began != nil {
				v.began(Service{d.dst, destination})
			}
		}
	}
	from, fromKnown := v.find(service{d.src, source})
	to, toKnown := v.find(service{d.dst, destination})
	if !long && !all && !fromKnown && !toKnown {
		return false
	}
	s, p := d.segment, d.packet
	s.From = s.Key.Set(reassembly.ProtocolUDP, &d.src, &d.dst, source, destination)
	s.Key.Tunnel = d.tunnel
	s.Service = s.From ^ 1
	switch {
	case fromKnown && (!toKnown || from < to):
		s.Service = s.From
	case !fromKnown && !toKnown && (source < destination || all && v.guess && servicePort(source, destination) == source):
		s.Service = s.From
	}
	s.Guessed = v.guess && !long && !fromKnown && !toKnown
	s.Long = b[0]&0x80 != 0
	s.Seq, s.Ack, s.Flags, s.Window, s.Raw = 0, 0, 0, 0, nil
	s.Payload, s.Cut, s.Wire = b[:len(b):len(b)], d.cut, p.Length
	s.At = atOf(p)
	return true
}

// beginsQUIC reports whether a long header is that of an Initial or 0-RTT packet (RFC 9000 §17.2, RFC 9369 §3.2) as a
// client begins with: it chooses at least 8 octets for the server's id (RFC 9000 §7.2), while few clients choose as many
// for their own, to which the server sends its Initial.
func beginsQUIC(b []byte) bool {
	const initial, zeroRTT, shortestID = 0, 1, 8
	if b[5] < shortestID {
		return false
	}
	kind := b[0] >> 4 & 3
	switch binary.BigEndian.Uint32(b[1:]) {
	case 1:
		return kind == initial || kind == zeroRTT
	case 0x6b3343cf:
		return kind == initial+1 || kind == zeroRTT+1
	}
	return false
}

// AddUnread counts what was handed out and could not be read after all.
func (d *Decoder) AddUnread(u Unread) {
	if u.Packets == 0 {
		return
	}
	row := d.unread.row(u.What, u.First)
	row.Packets += u.Packets
	row.Bytes += u.Bytes
	if u.First.Ordinal < row.First.Ordinal {
		row.First = u.First
	}
}
