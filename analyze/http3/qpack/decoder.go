package qpack

import (
	"errors"

	"wshake/analyze/http2/hpack/primitive"
)

// Field is a field line of a header block. What it points at is borrowed until the next block is decoded.
type Field = primitive.Field

// Limits bound what a Decoder keeps. A field that is not positive means its default.
type Limits struct {
	Fields      int // of a block; default 1000
	List        int // octets of the fields of a block, with 32 for each; default 256 KiB
	Table       int // octets of entries of the dynamic table, likewise; default 64 KiB
	Instruction int // octets of an instruction of the encoder stream; default 64 KiB
}

// Block is what a header block says. It is a place to work in; the zero Block is ready.
type Block struct {
	Fields  []Field
	Dropped int  // fields beyond the limits, which are not in Fields
	Unknown bool // a name or value is not known
	list    int
	strings []byte
}

// Errors of blocks and of the encoder stream, beside those of package primitive.
var (
	// ErrBlocked: entries that the block refers to have not come yet.
	ErrBlocked = errors.New("the block refers to entries that have not come yet")

	errIndex    = errors.New("an index that the table does not have")
	errCount    = errors.New("a required insert count that cannot be")
	errCapacity = errors.New("a table larger than the other side allows")
	errLong     = errors.New("an instruction is longer than is kept")
)

// Decoder reads the header blocks of one direction and the encoder stream of the same side.
type Decoder struct {
	limits    Limits
	entries   []entry // the oldest first
	first     uint64  // absolute index of entries[0]
	size      int     // of entries, octets
	capacity  uint64
	announced uint64 // SETTINGS_QPACK_MAX_TABLE_CAPACITY of the other side
	known     bool   // it was captured
	lost      bool   // octets of the encoder stream were: nothing in the table is known
	partial   []byte // the beginning of an instruction
	strings   []byte // scratch
}

// entry is an entry of the dynamic table. It is not changed once it is made.
type entry struct{ name, value []byte }

const overhead = 32 // of an entry (§3.2.1)

func (e *entry) size() int { return len(e.name) + len(e.value) + overhead }

// Reset makes d ready for a direction from its beginning.
func (d *Decoder) Reset(l Limits) {
	for _, f := range []struct {
		value    *int
		standard int
	}{{&l.Fields, 1000}, {&l.List, 256 << 10}, {&l.Table, 64 << 10}, {&l.Instruction, 64 << 10}} {
		if *f.value <= 0 {
			*f.value = f.standard
		}
	}
	*d = Decoder{limits: l}
}

// Announce says what the other side allows as the capacity of the table.
func (d *Decoder) Announce(capacity uint64) { d.announced, d.known = capacity, true }

// Memory is about what the table and the beginning of an instruction take, octets.
func (d *Decoder) Memory() int {
	return d.size + len(d.entries)*overhead + cap(d.partial) + cap(d.strings)
}

// Lose says that octets of the encoder stream were not captured.
func (d *Decoder) Lose() {
	d.lost, d.entries, d.size, d.partial = true, nil, 0, nil
}

// inserted is the insert count (§2.1.4).
func (d *Decoder) inserted() uint64 { return d.first + uint64(len(d.entries)) }

// Encoder takes octets of the encoder stream (§4.3). Behind an error the table is as after Lose. After each instruction
// it calls ready, which may be nil: a block that waited for the table is read before what comes later changes it.
func (d *Decoder) Encoder(p []byte, ready func()) error {
	if d.lost {
		return nil
	}
	if len(d.partial) > 0 {
		if len(d.partial)+len(p) > d.limits.Instruction+1<<16 {
			d.Lose()
			return errLong
		}
		p = append(d.partial, p...)
		d.partial = nil
	}
	for len(p) > 0 {
		rest, err := d.instruction(p)
		switch {
		case err == primitive.ErrShort && len(p) <= d.limits.Instruction:
			d.partial = append([]byte(nil), p...)
			return nil
		case err == primitive.ErrShort:
			err = errLong
			fallthrough
		case err != nil:
			d.Lose()
			return err
		}
		if p = rest; ready != nil {
			ready()
		}
	}
	return nil
}

// instruction reads one instruction of the encoder stream.
func (d *Decoder) instruction(p []byte) (rest []byte, err error) {
	d.strings = d.strings[:0]
	switch c := p[0]; {
	case c&0x80 != 0: // insert with the name of another entry
		i, rest, err := integer(6, p)
		if err != nil {
			return nil, err
		}
		var name []byte
		if c&0x40 != 0 {
			if i >= uint64(len(static)) {
				return nil, errIndex
			}
			name = []byte(static[i].name)
		} else {
			e := d.relative(d.inserted(), i)
			if e == nil {
				return nil, errIndex
			}
			name = e.name
		}
		value, rest, err := text(&d.strings, 7, rest)
		if err != nil {
			return nil, err
		}
		return rest, d.insert(name, value)
	case c&0x40 != 0: // insert
		name, rest, err := text(&d.strings, 5, p)
		if err != nil {
			return nil, err
		}
		value, rest, err := text(&d.strings, 7, rest)
		if err != nil {
			return nil, err
		}
		return rest, d.insert(name, value)
	case c&0x20 != 0: // set the capacity
		n, rest, err := integer(5, p)
		if err != nil {
			return nil, err
		}
		if d.known && n > d.announced {
			return nil, errCapacity
		}
		d.capacity = n
		d.evict(n)
		return rest, nil
	}
	i, rest, err := integer(5, p) // duplicate
	if err != nil {
		return nil, err
	}
	e := d.relative(d.inserted(), i)
	if e == nil {
		return nil, errIndex
	}
	return rest, d.insert(e.name, e.value)
}

// insert adds an entry.
func (d *Decoder) insert(name, value []byte) error {
	octets := append(append(make([]byte, 0, len(name)+len(value)), name...), value...)
	e := entry{octets[:len(name):len(name)], octets[len(name):]}
	n := uint64(e.size())
	if n > d.capacity {
		return errCapacity
	}
	d.evict(d.capacity - n)
	d.entries = append(d.entries, e)
	d.size += e.size()
	d.evict(uint64(d.limits.Table)) // what is evicted so, and is used, is an error: the table is larger than is kept
	return nil
}

// evict keeps so many octets.
func (d *Decoder) evict(octets uint64) {
	i := 0
	for uint64(d.size) > octets && i < len(d.entries) {
		d.size -= d.entries[i].size()
		i++
	}
	d.first += uint64(i)
	if d.entries = d.entries[i:]; len(d.entries) == 0 {
		d.entries = nil
	}
}

// relative is the entry that is i before the one at base (§3.2.5); nil where there is none.
func (d *Decoder) relative(base, i uint64) *entry {
	if i >= base {
		return nil
	}
	return d.absolute(base - 1 - i)
}

func (d *Decoder) absolute(i uint64) *entry {
	if i < d.first || i >= d.inserted() {
		return nil
	}
	return &d.entries[i-d.first]
}

// Required reads the required insert count of a block (§4.5.1.1). It is unwrapped with what was inserted when the block
// came.
func (d *Decoder) Required(p []byte) (count uint64, rest []byte, err error) {
	n, rest, err := integer(8, p)
	if err != nil || n == 0 {
		return 0, rest, err
	}
	most := d.announced / overhead
	if !d.known || most == 0 {
		return n - 1, rest, nil // not wrapped, as far as is known
	}
	full := 2 * most
	if n > full {
		return 0, nil, errCount
	}
	highest := d.inserted() + most
	count = highest/full*full + n - 1
	if count > highest {
		if count <= full {
			return 0, nil, errCount
		}
		count -= full
	}
	if count == 0 {
		return 0, nil, errCount
	}
	return count, rest, nil
}

// Ready reports whether the entries have come that a block with this required insert count refers to, or never will.
func (d *Decoder) Ready(required uint64) bool { return d.lost || required <= d.inserted() }

// Decode reads a whole block into b.
func (d *Decoder) Decode(p []byte, b *Block) error {
	required, p, err := d.Required(p)
	if err != nil {
		return err
	}
	return d.decode(required, p, b)
}

// DecodeRequired is Decode for a block whose required insert count was read before.
func (d *Decoder) DecodeRequired(required uint64, p []byte, b *Block) error {
	_, p, err := integer(8, p)
	if err != nil {
		return err
	}
	return d.decode(required, p, b)
}

func (d *Decoder) decode(required uint64, p []byte, b *Block) error {
	b.Fields, b.Dropped, b.Unknown, b.list, b.strings = b.Fields[:0], 0, false, 0, b.strings[:0]
	if need := 2 * len(p); cap(b.strings) < need {
		b.strings = make([]byte, 0, need) // Huffman code is at least 5 bits an octet: what is decoded never moves
	}
	if !d.Ready(required) {
		return ErrBlocked
	}
	if len(p) == 0 {
		return primitive.ErrShort
	}
	negative := p[0]&0x80 != 0
	delta, p, err := integer(7, p)
	if err != nil {
		return err
	}
	base := required + delta
	if negative {
		if delta >= required {
			return errIndex
		}
		base = required - delta - 1
	}
	for len(p) > 0 {
		if p, err = d.line(base, p, b); err != nil {
			return err
		}
	}
	return nil
}

// line reads a field line (§4.5).
func (d *Decoder) line(base uint64, p []byte, b *Block) (rest []byte, err error) {
	var f Field
	switch c := p[0]; {
	case c&0x80 != 0: // indexed
		i, rest, err := integer(6, p)
		if err != nil {
			return nil, err
		}
		if f, err = d.named(c&0x40 != 0, false, base, i); err != nil {
			return nil, err
		}
		b.add(f, &d.limits)
		return rest, nil
	case c&0xf0 == 0x10: // indexed, behind the base
		i, rest, err := integer(4, p)
		if err != nil {
			return nil, err
		}
		if f, err = d.named(false, true, base, i); err != nil {
			return nil, err
		}
		b.add(f, &d.limits)
		return rest, nil
	case c&0x40 != 0, c&0xf0 == 0: // literal with the name of an entry, before or behind the base
		bits, isStatic, behind := uint(4), c&0x10 != 0, false
		if c&0x40 == 0 {
			bits, isStatic, behind = 3, false, true
		}
		i, rest, err := integer(bits, p)
		if err != nil {
			return nil, err
		}
		if f, err = d.named(isStatic, behind, base, i); err != nil {
			return nil, err
		}
		p = rest
	default: // literal
		if f.Name, p, err = text(&b.strings, 3, p); err != nil {
			return nil, err
		}
	}
	f.Unknown &^= primitive.UnknownValue
	if f.Value, p, err = text(&b.strings, 7, p); err != nil {
		return nil, err
	}
	b.add(f, &d.limits)
	return p, nil
}

// named gives what an index names.
func (d *Decoder) named(isStatic, behind bool, base, i uint64) (Field, error) {
	if isStatic {
		if i >= uint64(len(static)) {
			return Field{}, errIndex
		}
		return Field{Name: []byte(static[i].name), Value: []byte(static[i].value)}, nil
	}
	if d.lost {
		return Field{Unknown: primitive.UnknownName | primitive.UnknownValue}, nil
	}
	var e *entry
	if behind {
		e = d.absolute(base + i)
	} else {
		e = d.relative(base, i)
	}
	if e == nil {
		return Field{}, errIndex
	}
	return Field{Name: e.name, Value: e.value}, nil
}

// add takes a field, if the limits leave room for it.
func (b *Block) add(f Field, l *Limits) {
	n := len(f.Name) + len(f.Value) + overhead
	if len(b.Fields) == l.Fields || b.list+n > l.List {
		b.Dropped++
		return
	}
	b.list += n
	b.Unknown = b.Unknown || f.Unknown != 0
	b.Fields = append(b.Fields, f)
}

// maxInteger bounds what an integer may say (§4.1.1).
const maxInteger = 1<<62 - 1

// integer reads an integer with a prefix of so many bits (§4.1.1).
func integer(prefix uint, p []byte) (value uint64, rest []byte, err error) {
	return primitive.Integer(prefix, p, maxInteger)
}

// text reads a string whose length has so many bits (§4.1.2). What it decodes is appended to decoded.
func text(decoded *[]byte, prefix uint, p []byte) (s, rest []byte, err error) {
	return primitive.String(decoded, prefix, p, maxInteger)
}
