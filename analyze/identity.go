package analyze

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"net/netip"

	"wshake/analyze/event"
	"wshake/reassembly"
)

// newConn makes the identity of a connection for its events.
func newConn(c *reassembly.Conn, client reassembly.Dir) *event.Conn {
	id := &event.Conn{Ordinal: c.Ordinal(), Midstream: c.Opened() == reassembly.OpenedMidstream}
	id.Peer = [2]netip.AddrPort{event.Client: c.Endpoint(client), event.Server: c.Endpoint(client.Other())}
	for i, p := range id.Peer {
		id.Text[i] = p.String()
	}
	a, clientKnown := c.Initial(client)
	b, serverKnown := c.Initial(client.Other())
	id.Sequence, id.Numbered = [2]uint32{event.Client: a, event.Server: b}, clientKnown && serverKnown
	id.CommunityID = communityID(id.Peer[0], id.Peer[1])
	return id
}

// communityID computes the Community ID v1 flow hash of a TCP connection, with seed 0
// (https://github.com/corelight/community-id-spec).
func communityID(a, b netip.AddrPort) string {
	if b.Compare(a) < 0 {
		a, b = b, a
	}
	buf := make([]byte, 0, 2+16+16+2+4)
	buf = append(buf, 0, 0)
	buf = append(buf, a.Addr().AsSlice()...)
	buf = append(buf, b.Addr().AsSlice()...)
	const tcp = 6
	buf = append(buf, tcp, 0)
	buf = binary.BigEndian.AppendUint16(buf, a.Port())
	buf = binary.BigEndian.AppendUint16(buf, b.Port())
	sum := sha1.Sum(buf)
	return "1:" + base64.StdEncoding.EncodeToString(sum[:])
}
