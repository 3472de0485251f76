package decode

import (
	"encoding/binary"
)

// exported decodes LINKTYPE_WIRESHARK_UPPER_PDU as far as a packet or a segment was exported: tags (type, length,
// value) name what the octets behind them are.
func (d *Decoder) exported(b []byte) Outcome {
	const (
		header                                       = 4
		tagEnd, tagName, tagSource4, tagDestination4 = 0, 12, 20, 21
		tagSource6, tagDestination6                  = 22, 23
	)
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
			return d.exportedAs(name, addresses == 2, b)
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
	}
	return ""
}

func (d *Decoder) exportedAs(name string, addressed bool, b []byte) Outcome {
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
	}
	return NotTCP
}
