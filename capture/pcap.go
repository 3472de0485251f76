package capture

import (
	"errors"
	"fmt"
	"io"
)

// Sizes of the file header and the record headers, in octets.
const (
	pcapHeader     = 24
	pcapRecord     = 16
	modifiedRecord = 24 // Kuznetsov's patched tcpdump adds interface, protocol and packet type
)

// The magic numbers, as they read in the file's own byte order.
const (
	magicMicro    = 0xa1b2c3d4
	magicNano     = 0xa1b23c4d
	magicModified = 0xa1b2cd34
)

// lengths says in which order a record header gives the captured and the original length.
type lengths uint8

const (
	capturedFirst lengths = iota
	originalFirst         // before version 2.3, and DG/UX tcpdump, which calls itself 543.0
	eitherFirst           // version 2.3: some writers this way, some that; the smaller one is the captured length
)

// Limits of what is believed at once. What is beyond is believed only if another record follows it.
const (
	usualRecord = 256 << 10 // captured octets: the largest snap length that tools accept
	yearSeconds = 366 * 24 * 3600
)

// pcapReader reads draft-ietf-opsawg-pcap and its ancestors, as libpcap does. Behind damage it goes on where records
// follow one another again.
type pcapReader struct {
	in       *peekReader
	observer observer
	header   int // size of a record header; 0 until the file header was read
	order    order
	lengths  lengths
	tick     int64  // nanoseconds in a unit of the second time field
	fraction uint32 // that many units are a second
	link     LinkType
	number   uint64
	seconds  uint32  // time of the last packet, 0 before the first
	lost     *search // for records behind damage
}

func (r *pcapReader) next(p *Packet) error {
	if r.header == 0 {
		if err := r.readHeader(); err != nil {
			return err
		}
	}
	if r.lost != nil {
		if err := r.resync(); err != nil {
			return err
		}
	}
	h, err := r.in.peek(r.header)
	if err != nil {
		if err == io.EOF && len(h) == 0 {
			return io.EOF
		}
		return r.in.cutOff(err, fmt.Sprintf("the header of packet %d", r.number+1), len(h), r.header, r.number)
	}
	captured, original := r.lengths.read(r.order, h)
	seconds, fraction := r.order.u32(h), r.order.u32(h[4:])
	size := r.header + int(captured)
	if captured-1 >= usualRecord || captured > original || original > MaxRecord || fraction >= r.fraction {
		if err := r.confirm(h, size); err != nil {
			return err
		}
		if r.lost != nil {
			return r.next(p)
		}
		r.recogniseNanoseconds(fraction)
	}
	record, err := r.in.peek(size)
	if err != nil {
		return r.in.cutOff(err, fmt.Sprintf("packet %d", r.number+1), len(record), size, r.number)
	}
	r.in.skip(int64(size))
	r.number++
	r.seconds = seconds
	p.Data = record[r.header:]
	p.Time = int64(seconds)*1e9 + int64(fraction)*r.tick
	p.Number = r.number
	p.Length = max(original, captured) // what was captured was there
	p.Link = r.link
	return nil
}

// confirm looks into a record whose header is unusual: it may be the header of another file, or damaged.
func (r *pcapReader) confirm(h []byte, size int) error {
	captured, original := r.lengths.read(r.order, h)
	what := fmt.Errorf("the header of packet %d is damaged", r.number+1)
	switch {
	case r.order.u32(h)|r.order.u32(h[4:])|captured|original == 0:
		what = fmt.Errorf("the header of packet %d is all zeros", r.number+1)
	case captured > MaxRecord:
		what = fmt.Errorf("packet %d claims %d captured octets, more than the limit of %d", r.number+1, captured, MaxRecord)
	default:
		size += pcapHeader // of what follows
	}
	if file, err := r.in.peek(pcapHeader); err == errWouldBlock {
		return err
	} else if h, ok := headerAt(file); ok {
		return r.another(h)
	}
	if captured <= MaxRecord && size > int(captured)+r.header {
		switch view, err := r.in.peek(size); {
		case err == errWouldBlock:
			return err
		case err != nil && len(view) == size-pcapHeader: // the last record
			return nil
		case err != nil && len(view) < size-pcapHeader:
			cut := r.in.cutOff(err, fmt.Sprintf("packet %d", r.number+1), len(view), size-pcapHeader, r.number)
			r.lost = &search{damage: cut.(*Problem), skip: 1}
			return nil
		case err != nil && len(view) < size-pcapHeader+pcapRecord, r.follows(view[size-pcapHeader:], r.order.u32(view)):
			return nil
		}
	}
	r.lost = &search{damage: &Problem{Offset: r.in.offset, Packet: r.number, Err: what}, skip: 1}
	return nil
}

// earlyPackets is among how many packets an impossible fraction of a second still tells what the unit is. Later it is
// an oddity of one packet.
const earlyPackets = 64

// recogniseNanoseconds takes fractions that are no microseconds for nanoseconds, as some tools write them under the
// wrong magic number.
func (r *pcapReader) recogniseNanoseconds(fraction uint32) {
	if r.tick == 1000 && fraction >= 1e6 && fraction < 1e9 && r.number < earlyPackets {
		r.tick, r.fraction = 1, 1e9
		r.observer.problem(&Problem{Offset: wholeFile, Packet: r.number, Harmless: true, Err: errNanoseconds})
	}
}

var errNanoseconds = errors.New("the file says that it counts microseconds, but has 1,000,000 and more of them in a second: read as nanoseconds")

// follows tells whether b may be the header of the record behind one of that time.
func (r *pcapReader) follows(b []byte, seconds uint32) bool {
	captured, original := r.lengths.read(r.order, b)
	near := func(t uint32) bool { return r.order.u32(b)-t+yearSeconds <= 2*yearSeconds }
	if captured > MaxRecord || original == 0 && captured == 0 || r.order.u32(b[4:]) >= 1e9 {
		_, ok := headerAt(b)
		return ok
	}
	return near(seconds) || near(r.seconds)
}

// resync goes on behind damage. Where nothing follows, the file is over.
func (r *pcapReader) resync() error {
	h, err := r.lost.next(r.in, recordMeasure(r.order, r.header, r.lengths, r.seconds))
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
	if h.format != unknownFormat {
		return r.another(h)
	}
	return nil
}

// another goes on with the file that begins behind this one.
func (r *pcapReader) another(h header) error { return another(h, r.in, r.observer, r.number) }

// recordMeasure measures records that are not older or younger than a year than those before, unless seconds is 0.
func recordMeasure(o order, size int, l lengths, seconds uint32) measure {
	return func(b []byte) int {
		captured, original := l.read(o, b)
		near := o.u32(b) - seconds + yearSeconds
		if captured == 0 || captured > usualRecord || captured > original || original > MaxRecord || o.u32(b[4:]) >= 1e9 || seconds != 0 && near > 2*yearSeconds {
			return 0
		}
		return size + int(captured)
	}
}

func (r *pcapReader) readHeader() error {
	h, err := r.in.peek(pcapHeader)
	if err != nil {
		return r.in.cutOff(err, "the file header", len(h), pcapHeader, r.number)
	}
	if _, ok := pcapMagic(littleEndian.u32(h)); !ok {
		r.order = bigEndian
	}
	magic := r.order.u32(h)
	major, minor := r.order.u16(h[4:]), r.order.u16(h[6:])
	lengths, known := pcapVersion(major, minor)
	if !known {
		return r.fatal(fmt.Errorf("pcap version %d.%d is not known", major, minor))
	}
	r.lengths = lengths
	r.tick, _ = pcapMagic(magic)
	r.fraction = uint32(1e9 / r.tick)
	// The upper half holds the length of the frame check sequence and reserved bits.
	r.link = LinkType(r.order.u32(h[20:]) & 0xffff)
	r.observer.snapLength(r.order.u32(h[16:]))
	r.header = pcapRecord
	if magic == magicModified {
		r.header = modifiedRecord
	}
	r.in.skip(pcapHeader)
	return nil
}

// pcapVersion tells how records of a version give their lengths.
func pcapVersion(major, minor uint16) (l lengths, known bool) {
	switch {
	case major == 2 && minor < 3, major == 543 && minor == 0:
		return originalFirst, true
	case major == 2 && minor == 3:
		return eitherFirst, true
	}
	return capturedFirst, major == 2
}

// read gives the captured and the original length that a record header holds.
func (l lengths) read(o order, h []byte) (captured, original uint32) {
	captured, original = o.u32(h[8:]), o.u32(h[12:])
	if l == originalFirst || l == eitherFirst && captured > original {
		captured, original = original, captured
	}
	return captured, original
}

// pcapMagic gives the nanoseconds in a tick of a file with this magic number.
func pcapMagic(magic uint32) (tick int64, ok bool) {
	switch magic {
	case magicMicro, magicModified:
		return 1000, true
	case magicNano:
		return 1, true
	}
	return 0, false
}

func (r *pcapReader) fatal(err error) error {
	return &Problem{Offset: r.in.offset, Packet: r.number, Err: err}
}
