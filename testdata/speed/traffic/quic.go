package traffic

import (
	"encoding/binary"
	"math/rand/v2"

	"wshake/analyze/quic/quictest"
)

// hidden writes a capture of QUIC that nobody has secrets of: connections that begin with an Initial packet, and
// datagrams with short headers in both directions behind it, most of them full.
func (k *Kind) hidden(n *network, r *rand.Rand) {
	const perConnection, full = 1000, 1200
	noise := make([]byte, 1<<20)
	for i := 0; i < len(noise); i += 8 {
		binary.LittleEndian.PutUint64(noise[i:], r.Uint64())
	}
	type flow struct{ client, left int }
	var flows []flow
	begun := 0
	for n.packets < k.Packets {
		for len(flows) < k.Open {
			id := binary.BigEndian.AppendUint64(nil, uint64(begun))
			n.datagram(begun, client, 443, quictest.Initial(id, id[4:], 0,
				quictest.Crypto(0, quictest.ClientHello(noise[r.IntN(len(noise)-32):]))))
			flows = append(flows, flow{begun, perConnection})
			begun++
		}
		f := &flows[r.IntN(len(flows))]
		from, size := server, full
		if r.IntN(3) == 0 {
			from, size = client, 30+r.IntN(20)
		}
		p := noise[r.IntN(len(noise)-full):][:size]
		p[0] = 0x40 | p[0]&0x3f
		n.datagram(f.client, from, 443, p)
		if f.left--; f.left == 0 {
			*f = flows[len(flows)-1]
			flows = flows[:len(flows)-1]
		}
	}
}

// datagram writes one datagram of a client, which has an address and port of its own, or to it, from or to a port of the
// server.
func (n *network) datagram(number int, from side, service uint16, payload []byte) {
	const udp = 8
	n.now += 2
	n.packets++
	b := n.packet[:record+ethernet+ip+udp+len(payload)]
	binary.LittleEndian.PutUint32(b, uint32(n.now/1e6))
	binary.LittleEndian.PutUint32(b[4:], uint32(n.now%1e6))
	binary.LittleEndian.PutUint32(b[8:], uint32(len(b)-record))
	binary.LittleEndian.PutUint32(b[12:], uint32(len(b)-record))
	copy(b[record:], "\x02\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x08\x00")
	address := [2]uint32{client: 10<<24 | uint32(number/50000+1), server: 10<<24 | 1<<16}
	port := [2]uint16{client: uint16(10000 + number%50000), server: service}

	h := b[record+ethernet:]
	h[0], h[1] = 0x45, 0
	binary.BigEndian.PutUint16(h[2:], uint16(ip+udp+len(payload)))
	binary.BigEndian.PutUint16(h[4:], uint16(n.packets))
	copy(h[6:12], "\x40\x00\x40\x11\x00\x00")
	binary.BigEndian.PutUint32(h[12:], address[from])
	binary.BigEndian.PutUint32(h[16:], address[from^1])
	binary.BigEndian.PutUint16(h[10:], ^fold(sum(0, h[:ip])))

	u := h[ip:]
	binary.BigEndian.PutUint16(u, port[from])
	binary.BigEndian.PutUint16(u[2:], port[from^1])
	binary.BigEndian.PutUint16(u[4:], uint16(udp+len(payload)))
	copy(u[6:8], "\x00\x00") // no checksum
	copy(u[udp:], payload)
	n.out.Write(b)
}
