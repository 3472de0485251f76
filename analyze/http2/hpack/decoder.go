package hpack

import (
	"errors"

	"wshake/analyze/http2/hpack/primitive"
)

// Limits bound what a Decoder keeps. A field that is not positive means its default.
type Limits struct {
	Fields int // of a block; default 1000
	List   int // octets of the fields of a block, as §4.1 counts them; default 256 KiB
	Table  int // octets of entries kept of the dynamic table, likewise; default 64 KiB
}

func (l Limits) withDefaults() Limits {
	if l.Fields <= 0 {
		l.Fields = 1000
	}
	if l.List <= 0 {
		l.List = 256 << 10
	}
	if l.Table <= 0 {
		l.Table = 64 << 10
	}
	return l
}

// Decoder reads the header blocks of one direction. It is not safe for concurrent use.
type Decoder struct {
	table  table
	limits Limits
	// announced is the largest size of the table that the other side allowed; 0 where that is not known.
	announced uint64
}

// Block is what a header block says. It is a place to work in, for any number of decoders; the zero Block is ready.
// What it says is borrowed until it is used again.
type Block struct {
	Fields  []Field
	Dropped int  // fields beyond the limits, which are not in Fields
	Unknown bool // a name or value of Fields is not known
	list    uint64
	strings []byte // decoded
}

// maxInteger bounds what an integer may say: no table, string or index is larger.
const maxInteger = 1<<32 - 1

// Errors of a block, beside those of package primitive: all are COMPRESSION_ERROR (RFC 9113 §4.3).
var (
	errIndex  = errors.New("an index that the table does not have")
	errUpdate = errors.New("a change of the table's size after a field")
	errSize   = errors.New("a table larger than the other side allows")
)

// Reset makes d ready for a direction from its beginning.
func (d *Decoder) Reset(l Limits) {
	d.limits = l.withDefaults()
	d.table.reset(uint64(d.limits.Table))
	d.announced = defaultLimit
}

// Lose says that blocks of the direction were missed.
func (d *Decoder) Lose() { d.table.lose() }

// Announce says what the other side allows as the size of the table (SETTINGS_HEADER_TABLE_SIZE).
func (d *Decoder) Announce(n uint32) {
	if d.announced > 0 {
		d.announced = max(d.announced, uint64(n))
	}
}

// LoseAnnounced says that settings of the other side were missed.
func (d *Decoder) LoseAnnounced() { d.announced = 0 }

// Decode reads a whole block into b. Behind an error the table is as after Lose; b then holds what came before.
func (d *Decoder) Decode(p []byte, b *Block) error {
	b.Fields, b.Dropped, b.Unknown, b.list, b.strings = b.Fields[:0], 0, false, 0, b.strings[:0]
	if need := 2 * len(p); cap(b.strings) < need {
		b.strings = make([]byte, 0, need) // Huffman code is at least 5 bits an octet: what is decoded never moves
	}
	begins := true
	for len(p) > 0 {
		var err error
		switch c := p[0]; {
		case c >= 0x80:
			p, err = d.indexed(p, b)
		case c >= 0x40:
			p, err = d.literal(6, true, p, b)
		case c >= 0x20:
			if p, err = d.update(p); err == nil && !begins {
				err = errUpdate
			}
			if err != nil {
				break
			}
			continue
		default:
			p, err = d.literal(4, false, p, b)
		}
		if err != nil {
			d.Lose()
			return err
		}
		begins = false
	}
	return nil
}

// indexed reads a field that is in a table (§6.1).
func (d *Decoder) indexed(p []byte, b *Block) ([]byte, error) {
	i, rest, err := integer(7, p)
	if err != nil {
		return nil, err
	}
	f, err := d.field(i)
	if err != nil {
		return nil, err
	}
	b.add(f, &d.limits)
	return rest, nil
}

// field gives what an index names.
func (d *Decoder) field(i uint64) (Field, error) {
	switch {
	case i == 0:
		return Field{}, errIndex
	case i <= staticLength:
		return staticFields[i-1], nil
	}
	e, ok := d.table.at(i - staticLength)
	if !ok {
		return Field{}, errIndex
	}
	if e == nil {
		return Field{Unknown: UnknownName | UnknownValue, Entry: i}, nil
	}
	f := Field{Name: e.octets[:e.name:e.name], Value: e.octets[e.name:]}
	if e.unknown {
		f.Unknown, f.Entry = UnknownName, i
	}
	return f, nil
}

// literal reads a field whose value is sent, and whose name is or has an index of so many bits (§6.2).
func (d *Decoder) literal(bits uint, add bool, p []byte, b *Block) ([]byte, error) {
	f := Field{Never: p[0]&0xf0 == 0x10}
	i, p, err := integer(bits, p)
	switch {
	case err != nil:
		return nil, err
	case i == 0:
		if f.Name, p, err = b.string(p); err != nil {
			return nil, err
		}
	default:
		named, err := d.field(i)
		if err != nil {
			return nil, err
		}
		f.Name, f.Unknown, f.Entry = named.Name, named.Unknown&UnknownName, named.Entry
	}
	if f.Value, p, err = b.string(p); err != nil {
		return nil, err
	}
	b.add(f, &d.limits)
	if add {
		d.table.add(f)
	}
	return p, nil
}

// update reads a change of the table's size (§6.3).
func (d *Decoder) update(p []byte) ([]byte, error) {
	n, rest, err := integer(5, p)
	if err != nil {
		return nil, err
	}
	if d.announced > 0 && n > d.announced {
		return nil, errSize
	}
	d.table.setLimit(n)
	return rest, nil
}

// string reads a string (§5.2).
func (b *Block) string(p []byte) (s, rest []byte, err error) {
	return primitive.String(&b.strings, 7, p, maxInteger)
}

// integer reads an integer with a prefix of so many bits (§5.1).
func integer(prefix uint, p []byte) (value uint64, rest []byte, err error) {
	return primitive.Integer(prefix, p, maxInteger)
}

// add takes a field, if the limits leave room for it.
func (b *Block) add(f Field, l *Limits) {
	n := size(f.Name, f.Value)
	if len(b.Fields) == l.Fields || b.list+n > uint64(l.List) {
		b.Dropped++
		return
	}
	b.list += n
	b.Unknown = b.Unknown || f.Unknown != 0
	b.Fields = append(b.Fields, f)
}

// Memory is about what d keeps, octets.
func (d *Decoder) Memory() int { return d.table.memory() }

// Memory is about what b keeps from one use to the next, octets.
func (b *Block) Memory() int { return cap(b.strings) + 64*cap(b.Fields) }
