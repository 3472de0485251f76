package event

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"net/netip"
	"strconv"
)

// Conn identifies a connection, or one stream of it, in its events. It does not change once an event points at it.
type Conn struct {
	Ordinal uint64 // of its first packet in the run
	First   At     // that packet
	// Stream is the stream of a multiplexed connection (HTTP/2, HTTP/3) that is meant, unknown where it is the connection
	// as a whole.
	Stream Opt[uint64]
	Peer   [2]netip.AddrPort
	UDP    bool // a connection of QUIC, not of TCP
	// Midstream says that the connection's beginning was not captured; Guessed, that not even its traffic tells who is
	// the client and the higher port was taken.
	Midstream, Guessed bool
	// Sequence holds the initial sequence numbers of both peers, where Numbered: both SYNs were captured.
	Sequence [2]uint32
	Numbered bool
}

// CommunityID computes the Community ID v1 flow hash of the connection, with seed 0
// (https://github.com/corelight/community-id-spec).
func (c *Conn) CommunityID() string {
	a, b := c.Peer[0], c.Peer[1]
	if b.Compare(a) < 0 {
		a, b = b, a
	}
	buf := make([]byte, 0, 2+16+16+2+4)
	buf = append(buf, 0, 0)
	buf = append(buf, a.Addr().AsSlice()...)
	buf = append(buf, b.Addr().AsSlice()...)
	const tcp, udp = 6, 17
	protocol := byte(tcp)
	if c.UDP {
		protocol = udp
	}
	buf = append(buf, protocol, 0)
	buf = binary.BigEndian.AppendUint16(buf, a.Port())
	buf = binary.BigEndian.AppendUint16(buf, b.Port())
	sum := sha1.Sum(buf)
	return "1:" + base64.StdEncoding.EncodeToString(sum[:])
}

// String is how outputs name the connection, and --follow takes it: its number, behind it a stroke and the stream.
func (c *Conn) String() string {
	s := strconv.FormatUint(c.Ordinal, 10)
	if c.Stream.Known {
		s += "/" + strconv.FormatUint(c.Stream.Value, 10)
	}
	return s
}
