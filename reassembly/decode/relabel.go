package decode

import (
	"encoding/binary"

	"wshake/capture"
	"wshake/reassembly"
)

// maxRelabelled bounds the list of wrong link types.
const maxRelabelled = 16

// Relabelled counts packets whose link type is not the one that their file declares.
type Relabelled struct {
	Declared, Actual capture.LinkType
	Packets          uint64
	First            reassembly.At
}

// relabel looks for a link type that explains the packet better than the declared one, under which no IP header
// was found. Tools that convert captures lose the right number; what is believed instead must prove itself by
// lengths and checksums.
func (d *Decoder) relabel(o Outcome) (Outcome, bool) {
	if o != NotTCP && o != Malformed && o != UnknownLink {
		return o, false
	}
	b := d.packet.Data
	before := d.walk
	d.cut, d.limited, d.layers, d.tunnel = d.packet.Length-min(d.packet.Length, uint32(len(b))), false, 0, 0
	actual, ok := d.provenLink(b)
	if !ok || actual == d.packet.Link {
		d.walk = before
		return o, false
	}
	o = d.link(actual, b)
	if o != TCP && !d.hasIP {
		d.walk = before
		return o, false
	}
	d.noteRelabelled(actual)
	if o != TCP && o != UDP {
		d.unread.count(d, o)
	}
	return o, true
}

// provenLink finds the link type whose header is followed by a proven IP packet.
func (d *Decoder) provenLink(b []byte) (capture.LinkType, bool) {
	switch {
	case len(b) < ipv4Header:
		return 0, false
	case d.provenIP(b):
		return linkRaw, true
	case d.provenFrame(b):
		return linkEthernet, true
	case d.provenType(binary.BigEndian.Uint16(b[sll.protocol:]), b[sll.size:]):
		return linkSLL, true
	case d.provenType(binary.BigEndian.Uint16(b[sll2.protocol:]), b[sll2.size:]):
		return linkSLL2, true
	case isFamily(binary.BigEndian.Uint32(b)) && d.provenIP(b[4:]):
		return linkLoop, true
	case isFamily(binary.LittleEndian.Uint32(b)) && d.provenIP(b[4:]):
		return linkNull, true
	case b[0] == 0xff && d.provenPPP(b):
		return linkPPP, true
	}
	return 0, false
}

func (d *Decoder) noteRelabelled(actual capture.LinkType) {
	list := &d.counts.Relabelled
	for i := range *list {
		if r := &(*list)[i]; r.Declared == d.packet.Link && r.Actual == actual {
			r.Packets++
			return
		}
	}
	if len(*list) < maxRelabelled {
		*list = append(*list, Relabelled{d.packet.Link, actual, 1, atOf(d.packet)})
	}
}
