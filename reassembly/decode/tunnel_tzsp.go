package decode

import "encoding/binary"

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
