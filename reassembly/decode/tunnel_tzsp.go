package decode

import "encoding/binary"

// tzspFrame is what stands behind the tagged fields of TZSP, and whether it is an Ethernet frame; nil if they do not
// end.
func tzspFrame(b []byte) (frame []byte, ethernet bool) {
	const size, tagPadding, tagEnd, protocolEthernet = 4, 0, 1, 1
	ethernet = binary.BigEndian.Uint16(b[2:]) == protocolEthernet
	for b = b[size:]; len(b) > 1; {
		switch b[0] {
		case tagEnd:
			return b[1:], ethernet
		case tagPadding:
			b = b[1:]
		default:
			b = b[min(2+int(b[1]), len(b)):]
		}
	}
	return nil, false
}

// tzsp decodes the TaZmen Sniffer Protocol: version 1, type, protocol, tagged fields, a captured frame.
func (d *Decoder) tzsp(b []byte) Outcome {
	const (
		size, version                   = 4, 1
		received, transmit              = 0, 1
		tagPadding, tagEnd              = 0, 1
		protocolEthernet, protocol80211 = 1, 18
		protocolPrism, protocolAVS      = 119, 127
	)
	if len(b) < size {
		return d.short(b, size)
	}
	if b[0] != version {
		return Malformed
	}
	if b[1] != received && b[1] != transmit {
		return NotTCP // keepalive, port opener
	}
	protocol := binary.BigEndian.Uint16(b[2:])
	for b = b[size:]; ; {
		if len(b) < 1 {
			return d.short(b, 1)
		}
		if b[0] == tagEnd {
			b = b[1:]
			break
		}
		length := 1
		if b[0] != tagPadding {
			if len(b) < 2 {
				return d.short(b, 2)
			}
			length = 2 + int(b[1])
		}
		if len(b) < length {
			return d.short(b, length)
		}
		b = b[length:]
	}
	d.enter(tunnelTZSP, 0)
	switch protocol {
	case protocolEthernet:
		return d.ethernet(b)
	case protocol80211:
		return d.wireless(b, 0)
	case protocolPrism:
		return d.prism(b)
	case protocolAVS:
		return d.avs(b)
	}
	return NotTCP
}
