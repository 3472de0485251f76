package decode

import (
	"encoding/binary"

	"wshake/reassembly"
)

// exported decodes LINKTYPE_WIRESHARK_UPPER_PDU as far as a packet or a segment was exported: tags (type, length,
// value) name what the octets behind them are.
func (d *Decoder) exported(b []byte) Outcome {
	const (
		header                                       = 4
		tagEnd, tagName, tagSource4, tagDestination4 = 0, 12, 20, 21
		tagSource6, tagDestination6                  = 22, 23
		tagSourcePort, tagDestinationPort            = 25, 26
	)
	var ports [2]uint32
	d.other(LinkType, uint32(linkExported))
	name := ""
	d.src, d.dst = [16]byte{}, [16]byte{}
	addresses := 0
	for {
		if len(b) < header {
			return d.short(b, header)
		}
		tag, length := binary.BigEndian.Uint16(b), int(binary.BigEndian.Uint16(b[2:]))
		if len(b) < header+length {
			return d.short(b, header+length)
		}
		value := b[header : header+length]
		b = b[header+length:]
		switch {
		case tag == tagEnd:
			return d.exportedAs(name, addresses == 2, ports, b)
		case tag == tagName:
			name = exportedName(value)
		case tag == tagSource4 && length == 4:
			d.src = mapped
			copy(d.src[12:], value)
			addresses++
		case tag == tagDestination4 && length == 4:
			d.dst = mapped
			copy(d.dst[12:], value)
			addresses++
		case tag == tagSource6 && length == 16:
			d.src = [16]byte(value)
			addresses++
		case tag == tagDestination6 && length == 16:
			d.dst = [16]byte(value)
			addresses++
		case (tag == tagSourcePort || tag == tagDestinationPort) && length == 4:
			ports[tag-tagSourcePort] = binary.BigEndian.Uint32(value)
		}
	}
}

// exportedName is a dissector's name without its padding.
func exportedName(value []byte) string {
	for len(value) > 0 && value[len(value)-1] == 0 {
		value = value[:len(value)-1]
	}
	switch string(value) { // constants, so that nothing is allocated
	case "ip", "ipv4", "ipv6":
		return "ip"
	case "eth", "eth_withoutfcs", "eth_maybefcs", "eth_withfcs":
		return "eth"
	case "tcp":
		return "tcp"
	case "tls", "ssl":
		return "tls"
	case "http", "http-over-tls", "http2", "websocket", "data":
		return "data"
	}
	return ""
}

func (d *Decoder) exportedAs(name string, addressed bool, ports [2]uint32, b []byte) Outcome {
	if d.deeper() {
		return TooDeep
	}
	switch name {
	case "ip":
		return d.ip(b)
	case "eth":
		return d.ethernet(b)
	case "tcp":
		if addressed {
			return d.tcp(b)
		}
	case "tls", "data":
		if addressed && ports[0]-1 < 1<<16-1 && ports[1]-1 < 1<<16-1 && len(b) > 0 {
			return d.exportedData(name == "tls", uint16(ports[0]), uint16(ports[1]), b)
		}
	}
	return NotTCP
}

// maxExported is how many connections are followed whose data was exported without its TCP headers. What belongs to
// others is not read.
const maxExported = 1 << 16

// exportedData makes a segment of exported octets of a connection. They have no sequence numbers: they are taken for
// whole and in order. Records of TLS, and what was in them, are two streams.
func (d *Decoder) exportedData(tls bool, source, destination uint16, b []byte) Outcome {
	s, p := d.segment, d.packet
	key := reassembly.Key{Tunnel: 1}
	if tls {
		key.Tunnel = 2
	}
	from := key.Set(reassembly.ProtocolTCP, &d.src, &d.dst, source, destination)
	if d.exports == nil {
		d.exports = make(map[reassembly.Key][2]uint32)
	}
	next, known := d.exports[key]
	if !known && len(d.exports) >= maxExported {
		return NotTCP
	}
	s.Key, s.From = key, from
	s.Seq, s.Ack, s.Flags, s.Window = next[from], next[from^1], reassembly.ACK|reassembly.PSH, 1<<16-1
	s.Payload, s.Cut, s.Wire, s.Raw = b[:len(b):len(b)], d.cut, p.Length, nil
	s.At = atOf(p)
	next[from] += uint32(len(b)) + d.cut
	d.exports[key] = next
	return TCP
}
