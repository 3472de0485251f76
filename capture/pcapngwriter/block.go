package pcapngwriter

import (
	"encoding/binary"
	"math"

	"wshake/capture"
)

// Types of blocks and codes of options (draft-ietf-opsawg-pcapng sections 4 and 3.5).
const (
	sectionHeader        = 0x0a0d0d0a
	interfaceDescription = 1
	enhancedPacket       = 6

	endOfOptions  = 0
	shbUserAppl   = 4
	ifName        = 2
	ifTsresol     = 9
	nanoseconds   = 9 // of if_tsresol: powers of ten
	maxOptionSize = math.MaxUint16

	blockOverhead  = 12 // type, length, and length again
	packetOverhead = blockOverhead + 20
)

var order = binary.LittleEndian

// begin starts a block; its length is filled in by end.
func begin(b []byte, kind uint32) (_ []byte, start int) {
	start = len(b)
	b = order.AppendUint32(b, kind)
	return order.AppendUint32(b, 0), start
}

func end(b []byte, start int) []byte {
	length := uint32(len(b) - start + 4)
	order.PutUint32(b[start+4:], length)
	return order.AppendUint32(b, length)
}

func pad(b []byte, written int) []byte { return append(b, make([]byte, -written&3)...) }

func appendOption(b []byte, code uint16, value string) []byte {
	value = value[:min(len(value), maxOptionSize)]
	b = order.AppendUint16(b, code)
	b = order.AppendUint16(b, uint16(len(value)))
	return pad(append(b, value...), len(value))
}

func appendSection(b []byte) []byte {
	b, start := begin(b, sectionHeader)
	b = order.AppendUint32(b, 0x1a2b3c4d)
	b = order.AppendUint16(b, 1)
	b = order.AppendUint16(b, 0)
	b = order.AppendUint64(b, math.MaxUint64) // length of the section: not known
	b = appendOption(b, shbUserAppl, "wshake")
	b = appendOption(b, endOfOptions, "")
	return end(b, start)
}

func appendInterface(b []byte, link capture.LinkType, name string) []byte {
	b, start := begin(b, interfaceDescription)
	b = order.AppendUint16(b, uint16(link))
	b = order.AppendUint16(b, 0)
	b = order.AppendUint32(b, 0) // snap length: none
	if name != "" {
		b = appendOption(b, ifName, name)
	}
	b = appendOption(b, ifTsresol, string([]byte{nanoseconds}))
	b = appendOption(b, endOfOptions, "")
	return end(b, start)
}

func appendPacket(b []byte, id int, p *capture.Packet, comments []string) []byte {
	b, start := begin(b, enhancedPacket)
	b = order.AppendUint32(b, uint32(id))
	since1970 := uint64(max(p.Time, 0)) // the format has no earlier times
	b = order.AppendUint32(b, uint32(since1970>>32))
	b = order.AppendUint32(b, uint32(since1970))
	b = order.AppendUint32(b, uint32(len(p.Data)))
	b = order.AppendUint32(b, max(p.Length, uint32(len(p.Data))))
	b = appendComments(pad(append(b, p.Data...), len(p.Data)), comments)
	return end(b, start)
}

// packetBlockSize is how long the block of a packet is, in octets.
func packetBlockSize(p *capture.Packet) int64 { return int64(packetOverhead + (len(p.Data)+3)&^3) }

// wholeBlocks is how many of the first n octets of b are whole blocks.
func wholeBlocks(b []byte, n int) (whole int) {
	for whole+blockOverhead <= n {
		length := int(order.Uint32(b[whole+4:]))
		if whole+length > n {
			break
		}
		whole += length
	}
	return whole
}
