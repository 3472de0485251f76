package part

import (
	"bytes"
	"encoding/binary"
	"errors"

	"wshake/analyze/quic"
	"wshake/capture"
	"wshake/reassembly"
)

// A segment is sent as
//
//	time, time of its place − time, file, number (varints), key, from and service, flags, window, seq, ack,
//	cut, wire, raw + 1 or 0, where the payload begins in raw, length of the payload (varints), octets
//
// Integers of fixed size are big-endian.

// appendSegment appends a segment of a chunk.
func appendSegment(b []byte, s *reassembly.Segment, place Place) []byte {
	at := len(b)
	b = append(b, 0, 0, 0, 0) // how many octets follow
	b = binary.AppendVarint(b, s.At.Time)
	b = binary.AppendVarint(b, place.Time-s.At.Time)
	b = binary.AppendUvarint(b, uint64(place.File))
	b = binary.AppendUvarint(b, s.At.Number)
	b = append(append(b, s.Key.Addr[0][:]...), s.Key.Addr[1][:]...)
	b = binary.BigEndian.AppendUint16(b, s.Key.Port[0])
	b = binary.BigEndian.AppendUint16(b, s.Key.Port[1])
	b = binary.BigEndian.AppendUint64(b, s.Key.Tunnel)
	b = append(b, s.Key.Protocol, s.From|s.Service<<1, s.Flags)
	b = binary.BigEndian.AppendUint16(b, s.Window)
	b = binary.BigEndian.AppendUint32(b, s.Seq)
	b = binary.BigEndian.AppendUint32(b, s.Ack)
	b = binary.AppendUvarint(b, uint64(s.Cut))
	b = binary.AppendUvarint(b, uint64(s.Wire))
	octets, begins := s.Raw, payloadIn(s)
	if begins < 0 { // without the header, which nobody can check then
		octets, begins = s.Payload, 0
		b = append(b, 0)
	} else {
		b = binary.AppendUvarint(b, uint64(len(s.Raw))+1)
	}
	b = binary.AppendUvarint(b, uint64(begins))
	b = binary.AppendUvarint(b, uint64(len(s.Payload)))
	b = append(b, octets...)
	binary.BigEndian.PutUint32(b[at:], uint32(len(b)-at-4))
	return b
}

// payloadIn is where the payload begins in what was captured of the segment, -1 where it is not there.
func payloadIn(s *reassembly.Segment) int {
	if len(s.Raw) < 20 {
		return -1
	}
	begins := int(s.Raw[12]>>4) * 4
	if begins > len(s.Raw) || begins+len(s.Payload) > len(s.Raw) || !bytes.Equal(s.Raw[begins:begins+len(s.Payload)], s.Payload) {
		return -1
	}
	return begins
}

var errSegment = errors.New("a segment that was sent is damaged")

// sent takes segments apart.
type sent struct {
	b   []byte
	bad bool
}

func (r *sent) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *sent) varint() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *sent) octets(n uint64) []byte {
	if uint64(len(r.b)) < n {
		r.bad, r.b = true, nil
		return make([]byte, min(n, 64))
	}
	b := r.b[:n:n]
	r.b = r.b[n:]
	return b
}

// readPlace reads how a segment begins.
func (r *sent) readPlace() (time int64, place Place) {
	time = r.varint()
	place = Place{Time: time + r.varint(), File: int32(r.uvarint())}
	place.Number = r.uvarint()
	return time, place
}

// readSegment fills s with the segment that p holds.
func readSegment(p *capture.Packet, s *reassembly.Segment) error {
	r := sent{b: p.Data}
	*s = reassembly.Segment{}
	r.readPlace()
	copy(s.Key.Addr[0][:], r.octets(16))
	copy(s.Key.Addr[1][:], r.octets(16))
	s.Key.Port[0] = binary.BigEndian.Uint16(r.octets(2))
	s.Key.Port[1] = binary.BigEndian.Uint16(r.octets(2))
	s.Key.Tunnel = binary.BigEndian.Uint64(r.octets(8))
	fixed := r.octets(3)
	s.Key.Protocol, s.From, s.Service, s.Flags = fixed[0], fixed[1]&1, fixed[1]>>1&1, fixed[2]
	s.Window = binary.BigEndian.Uint16(r.octets(2))
	s.Seq = binary.BigEndian.Uint32(r.octets(4))
	s.Ack = binary.BigEndian.Uint32(r.octets(4))
	s.Cut, s.Wire = uint32(r.uvarint()), uint32(r.uvarint())
	raw, begins, length := r.uvarint(), r.uvarint(), r.uvarint()
	if raw > 0 {
		s.Raw = r.octets(raw - 1)
		if r.bad || begins > uint64(len(s.Raw)) || length > uint64(len(s.Raw))-begins {
			return errSegment
		}
		s.Payload = s.Raw[begins : begins+length : begins+length]
	} else {
		s.Payload = r.octets(length)
	}
	if r.bad {
		return errSegment
	}
	s.Long = s.Key.Protocol == reassembly.ProtocolUDP && quic.IsLong(s.Payload)
	s.At = reassembly.At{Ordinal: p.Ordinal, Number: p.Number, Time: p.Time, Acked: -1, File: p.File}
	return nil
}
