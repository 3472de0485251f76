package capture

// header is the beginning of a capture file.
type header struct {
	format  format // unknownFormat if it is none
	size    int    // octets that stand before the records; a section header is itself a block
	order   order
	record  int // size of a pcap record's header
	lengths lengths
}

// headerAt reads what may be the beginning of a file in the middle of another. It asks for more than openers do, since
// any octets may stand there.
func headerAt(b []byte) (h header, ok bool) {
	if len(b) < pcapHeader {
		return h, false
	}
	switch formatOf(b) {
	case pcap:
		h = header{format: pcap, size: pcapHeader, record: pcapRecord}
		if _, little := pcapMagic(littleEndian.u32(b)); !little {
			h.order = bigEndian
		}
		if h.order.u32(b) == magicModified {
			h.record = modifiedRecord
		}
		var known bool
		h.lengths, known = pcapVersion(h.order.u16(b[4:]), h.order.u16(b[6:]))
		return h, known
	case pcapng:
		h = header{format: pcapng}
		switch uint32(byteOrderMagic) {
		case littleEndian.u32(b[8:]):
		case bigEndian.u32(b[8:]):
			h.order = bigEndian
		default:
			return h, false
		}
		return h, h.order.u16(b[12:]) == 1
	}
	return h, false
}

// records measures the records behind the header.
func (h *header) records() measure {
	if h.format == pcapng {
		return blockMeasure(h.order)
	}
	return recordMeasure(h.order, h.record, h.lengths, 0)
}

// reader reads the file that h begins, the packets of which are counted from number on.
func (h *header) reader(in *peekReader, o observer, number uint64) reader {
	if h.format == pcapng {
		return &pcapngReader{in: in, observer: o, number: number}
	}
	return &pcapReader{in: in, observer: o, number: number}
}

// anotherFile is what a reader returns in place of a packet where another file begins behind its own, as `cat a.pcap
// b.pcap` makes it.
type anotherFile struct{ reader reader }

func (*anotherFile) Error() string { return "another file begins" }

// another says that a file begins behind one with number packets, and goes on with it.
func another(h header, in *peekReader, o observer, number uint64) error {
	o.anotherFile(in.offset, number)
	return &anotherFile{h.reader(in, o, number)}
}

// nextPacket reads the next packet of the file that r reads, or of the one behind it.
func nextPacket(r *reader, p *Packet) error {
	for {
		err := (*r).next(p)
		another, ok := err.(*anotherFile)
		if !ok {
			return err
		}
		*r = another.reader
	}
}
