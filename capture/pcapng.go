package capture

import (
	"errors"
	"fmt"
	"io"
)

// Block types (draft-ietf-opsawg-pcapng section 11.1).
const (
	sectionHeader        = 0x0a0d0d0a // reads the same in either byte order
	interfaceDescription = 1
	obsoletePacket       = 2
	simplePacket         = 3
	nameResolution       = 4
	interfaceStatistics  = 5
	enhancedPacket       = 6
	decryptionSecrets    = 10
)

// Option codes.
const (
	endOfOptions = 0
	epbDropCount = 4
	isbIfDrop    = 5
	isbAccepted  = 6 // isb_filteraccept
	isbOSDrop    = 7
	isbDelivered = 8 // isb_usrdeliv
	ifTsresol    = 9
	ifTsoffset   = 14
)

const (
	byteOrderMagic = 0x1a2b3c4d
	blockHeader    = 8  // type and length
	blockOverhead  = 12 // with the length repeated behind the body
	maxInterfaces  = 1 << 16
)

// iface is what packets need to know of the interface that captured them.
type iface struct {
	link    LinkType
	snaplen uint32 // 0: no limit
	clock   clock
	drops   dropCounters
}

// pcapngReader reads draft-ietf-opsawg-pcapng. A simple packet block has no time.
type pcapngReader struct {
	in       *peekReader
	observer observer
	order    order
	ifaces   []iface // of the current section
	skipped  block   // the block being skipped; its length is 0 if there is none
	lost     *search // for blocks behind damage
	number   uint64
}

// block is the frame around a body.
type block struct {
	kind   uint32
	length uint32
	offset int64
}

func (r *pcapngReader) next(p *Packet) error {
	for {
		b, body, err := r.nextBlock(wanted)
		if err != nil {
			return err
		}
		captured, err := r.take(b, body, p)
		if captured {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// nextBlock moves past the next block that is wanted and gives its body.
func (r *pcapngReader) nextBlock(wanted func(kind uint32) bool) (block, []byte, error) {
	for {
		if r.lost != nil {
			if err := r.resync(); err != nil {
				return block{}, nil, err
			}
		}
		if err := r.endSkipped(); err != nil {
			return block{}, nil, err
		}
		b, err := r.blockHeader()
		if err != nil {
			return b, nil, err
		}
		if r.lost != nil {
			continue
		}
		use := wanted(b.kind)
		if !use && b.length > searchStep && b.length <= MaxRecord { // too long to be held for nothing
			r.in.skip(int64(b.length) - 4)
			r.skipped = b
			continue
		}
		if b.length > MaxRecord {
			r.damagedFrom(b, fmt.Errorf("%s claims %d octets, more than the limit of %d", b, b.length, MaxRecord))
			continue
		}
		whole, err := r.in.peek(int(b.length))
		if err != nil {
			return b, nil, r.in.cutOff(err, r.name(b), len(whole), int(b.length), r.number)
		}
		body, trailer := whole[blockHeader:b.length-4], whole[b.length-4:]
		if err := r.checkTrailer(b, trailer); err != nil {
			r.damagedFrom(b, err)
			continue
		}
		r.in.skip(int64(b.length))
		if use {
			return b, body, nil
		}
	}
}

func (r *pcapngReader) blockHeader() (block, error) {
	b := block{offset: r.in.offset}
	h, err := r.in.peek(blockOverhead)
	if err != nil {
		if err == io.EOF && len(h) == 0 {
			return b, io.EOF
		}
		return b, r.in.cutOff(err, "a block header", len(h), blockOverhead, r.number)
	}
	b.kind = r.order.u32(h)
	if !wanted(b.kind) && formatOf(h) == pcap {
		file, err := r.in.peek(pcapHeader)
		if err == errWouldBlock {
			return b, err
		}
		if h, ok := headerAt(file); ok {
			return b, another(h, r.in, r.observer, r.number)
		}
	}
	if b.kind == sectionHeader {
		// Only from here on is the byte order known that the length is written in.
		switch uint32(byteOrderMagic) {
		case littleEndian.u32(h[8:]):
			r.order = littleEndian
		case bigEndian.u32(h[8:]):
			r.order = bigEndian
		default:
			r.damagedFrom(b, fmt.Errorf("section header block has no byte-order magic but %x", h[8:12]))
			return b, nil
		}
	}
	b.length = r.order.u32(h[4:])
	switch {
	case b.length < blockOverhead:
		r.damagedFrom(b, fmt.Errorf("%s claims %d octets, less than the %d that every block has", b, b.length, blockOverhead))
	case b.length%4 != 0:
		r.damagedFrom(b, fmt.Errorf("%s claims %d octets, no multiple of 4", b, b.length))
	}
	return b, nil
}

// endSkipped checks the trailer of the block that was skipped, when its body has gone by.
func (r *pcapngReader) endSkipped() error {
	b := r.skipped
	if b.length == 0 {
		return nil
	}
	trailer, err := r.in.peek(4)
	if err != nil {
		if err == errWouldBlock {
			return err
		}
		has := r.in.readUpTo() - b.offset
		return r.in.cutOffAt(b.offset, err, r.name(b), has, int64(b.length), r.number)
	}
	r.skipped = block{}
	if err := r.checkTrailer(b, trailer); err != nil {
		// What was skipped is gone. What follows is searched from here on.
		r.lost = &search{damage: &Problem{Offset: b.offset, Packet: r.number, Err: err}}
		return r.resync()
	}
	r.in.skip(4)
	return nil
}

// damagedFrom has the blocks behind b searched for, which is damaged.
func (r *pcapngReader) damagedFrom(b block, err error) {
	r.lost = &search{damage: &Problem{Offset: b.offset, Packet: r.number, Err: err}, skip: 1}
}

// resync goes on behind damage. Where nothing follows, the file is over.
func (r *pcapngReader) resync() error {
	h, err := r.lost.next(r.in, blockMeasure(r.order))
	if err == errWouldBlock {
		return err
	}
	damage := r.lost.damage
	if err != nil {
		return damage
	}
	r.lost = nil
	damage.Err = fmt.Errorf("%w; %d octets skipped", damage.Err, r.in.offset-damage.Offset)
	r.observer.problem(damage)
	if h.format == pcap {
		return another(h, r.in, r.observer, r.number)
	}
	return nil
}

// blockMeasure measures blocks of known types.
func blockMeasure(o order) measure {
	return func(b []byte) int {
		length := int64(o.u32(b[4:]))
		if !wanted(o.u32(b)) && o.u32(b) != nameResolution || length < blockOverhead || length%4 != 0 || length > searchStep {
			return 0
		}
		if length <= int64(len(b)) && int64(o.u32(b[length-4:])) != length {
			return 0
		}
		return int(length)
	}
}

func (r *pcapngReader) checkTrailer(b block, trailer []byte) error {
	if length := r.order.u32(trailer); length != b.length {
		return fmt.Errorf("%s claims %d octets at its start but %d at its end", b, b.length, length)
	}
	return nil
}

func wanted(kind uint32) bool {
	switch kind {
	case sectionHeader, interfaceDescription, obsoletePacket, simplePacket, interfaceStatistics, enhancedPacket, decryptionSecrets:
		return true
	}
	return false
}

// take reads the body of a block. It reports whether it was a packet, which p then holds.
func (r *pcapngReader) take(b block, body []byte, p *Packet) (captured bool, err error) {
	switch b.kind {
	case sectionHeader:
		return false, r.section(b, body)
	case interfaceDescription:
		return false, r.describe(b, body)
	case interfaceStatistics:
		if len(body) >= 12 {
			r.statistics(b, body)
		}
	case decryptionSecrets:
		r.secrets(b, body)
	default:
		if err := r.packet(b, body, p); err != nil {
			r.damaged(b, fmt.Errorf("%s %w, skipped", b, err))
			return false, nil
		}
		return true, nil
	}
	return false, nil
}

func (r *pcapngReader) section(b block, body []byte) error {
	if len(body) < 16 {
		return r.fatal(b, fmt.Errorf("%s is too short for its fields", b))
	}
	if major, minor := r.order.u16(body[4:]), r.order.u16(body[6:]); major != 1 {
		return r.fatal(b, fmt.Errorf("pcapng version %d.%d is not known", major, minor))
	}
	r.ifaces = r.ifaces[:0]
	r.checkOptions(b, body[16:])
	return nil
}

func (r *pcapngReader) describe(b block, body []byte) error {
	if len(body) < 8 {
		return r.fatal(b, fmt.Errorf("%s is too short for its fields", b))
	}
	if len(r.ifaces) == maxInterfaces {
		return r.fatal(b, fmt.Errorf("section describes more than %d interfaces", maxInterfaces))
	}
	i := iface{link: LinkType(r.order.u16(body)), snaplen: r.order.u32(body[4:]), clock: microseconds}
	err := r.options(body[8:], func(code uint16, value []byte) error {
		switch code {
		case ifTsresol:
			if len(value) != 1 {
				return fmt.Errorf("if_tsresol has %d octets", len(value))
			}
			i.clock.resolve(value[0])
		case ifTsoffset:
			if len(value) != 8 {
				return fmt.Errorf("if_tsoffset has %d octets", len(value))
			}
			i.clock.shiftEpoch(int64(r.order.u64(value)))
		}
		return nil
	})
	if err != nil {
		r.damaged(b, fmt.Errorf("%s: %w", b, err))
	}
	r.ifaces = append(r.ifaces, i)
	r.observer.snapLength(i.snaplen)
	return nil
}

// packet reads any of the three packet blocks.
func (r *pcapngReader) packet(b block, body []byte, p *Packet) error {
	size := 20
	if b.kind == simplePacket {
		size = 4
	}
	if len(body) < size {
		return errors.New("is too short for its fields")
	}
	var id, captured, original uint32
	var units uint64
	switch b.kind {
	case simplePacket:
		original = r.order.u32(body)
	case obsoletePacket:
		id = uint32(r.order.u16(body))
	default:
		id = r.order.u32(body)
	}
	if id >= uint32(len(r.ifaces)) {
		return fmt.Errorf("names interface %d, of which %d are described", id, len(r.ifaces))
	}
	i := &r.ifaces[id]
	data := body[size:]
	if b.kind == simplePacket {
		captured = original
		if i.snaplen != 0 {
			captured = min(captured, i.snaplen)
		}
	} else {
		units = uint64(r.order.u32(body[4:]))<<32 | uint64(r.order.u32(body[8:]))
		captured, original = r.order.u32(body[12:]), r.order.u32(body[16:])
	}
	if uint64(captured) > uint64(len(data)) {
		return fmt.Errorf("claims %d captured octets but has room for %d", captured, len(data))
	}
	r.number++
	p.Time = NoTime
	if b.kind != simplePacket {
		p.Time = i.clock.nanoseconds(units)
		var dropped uint64
		if b.kind == obsoletePacket {
			if n := r.order.u16(body[2:]); n != unknownDrops {
				dropped = uint64(n)
			}
		}
		if padded := (int(captured) + 3) &^ 3; padded < len(data) {
			err := r.options(data[padded:], func(code uint16, value []byte) error {
				if code == epbDropCount && b.kind == enhancedPacket && len(value) == 8 {
					dropped = r.order.u64(value)
				}
				return nil
			})
			if err != nil {
				r.damaged(b, fmt.Errorf("%s: %w", b, err))
			}
		}
		if dropped > 0 {
			r.count(i, func(d *dropCounters) { d.packets = min(d.packets+min(dropped, maxDrops), maxDrops) })
		}
	}
	p.Data = data[:captured:captured]
	p.Number = r.number
	p.Length = max(original, captured)
	p.Link = i.link
	return nil
}

func (r *pcapngReader) secrets(b block, body []byte) {
	if len(body) < 8 {
		r.damaged(b, fmt.Errorf("%s is too short for its fields, skipped", b))
		return
	}
	kind, length, data := r.order.u32(body), r.order.u32(body[4:]), body[8:]
	if uint64(length) > uint64(len(data)) {
		r.damaged(b, fmt.Errorf("%s claims %d octets of secrets but has room for %d, skipped", b, length, len(data)))
		return
	}
	r.observer.secrets(kind, append([]byte(nil), data[:length]...))
	if padded := (int(length) + 3) &^ 3; padded < len(data) {
		r.checkOptions(b, data[padded:])
	}
}

// checkOptions reports options that do not fit into their block; what they say is not used.
func (r *pcapngReader) checkOptions(b block, list []byte) {
	if err := r.options(list, func(uint16, []byte) error { return nil }); err != nil {
		r.damaged(b, fmt.Errorf("%s: %w", b, err))
	}
}

// options calls f with each option of the list and returns the first error of it or its list.
func (r *pcapngReader) options(list []byte, f func(code uint16, value []byte) error) (err error) {
	for len(list) >= 4 {
		code, length := r.order.u16(list), int(r.order.u16(list[2:]))
		list = list[4:]
		if code == endOfOptions {
			return err
		}
		if length > len(list) {
			return fmt.Errorf("option %d claims %d octets but has room for %d", code, length, len(list))
		}
		if e := f(code, list[:length]); e != nil && err == nil {
			err = e
		}
		list = list[min((length+3)&^3, len(list)):]
	}
	return err
}

// damaged reports what was read past.
func (r *pcapngReader) damaged(b block, err error) {
	r.observer.problem(&Problem{Offset: b.offset, Packet: r.number, Err: err})
}

// bad is the problem that ends the file.
func (r *pcapngReader) fatal(b block, err error) error {
	return &Problem{Offset: b.offset, Packet: r.number, Err: err}
}

// name tells a block, and the packet that was to come of it.
func (r *pcapngReader) name(b block) string {
	switch b.kind {
	case obsoletePacket, simplePacket, enhancedPacket:
		return fmt.Sprintf("packet %d", r.number+1)
	}
	return "the " + b.String()
}

func (b block) String() string {
	switch b.kind {
	case sectionHeader:
		return "section header block"
	case interfaceDescription:
		return "interface description block"
	case obsoletePacket:
		return "obsolete packet block"
	case simplePacket:
		return "simple packet block"
	case interfaceStatistics:
		return "interface statistics block"
	case enhancedPacket:
		return "enhanced packet block"
	case decryptionSecrets:
		return "decryption secrets block"
	}
	return fmt.Sprintf("block of type %#x", b.kind)
}
