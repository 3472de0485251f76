package merge

import "wshake/analyze/event"

// More counts findings of one connection and check, or caveats of one connection and name, beyond those of a round that
// are told: of a few octets each could be made millions.
type More struct {
	Conn        *event.Conn
	Name        string
	Caveat      bool // else findings
	Count       uint64
	Levels      [event.Levels]uint64 // of findings
	Octets      uint64               // of caveats
	First, Last event.At
}

// kindOf is what events are counted by.
type kindOf struct {
	conn   *event.Conn
	name   string
	caveat bool
}

// counted is how many of a kind a round has.
type counted struct {
	told int
	more int32 // index into Buffer.more plus one, 0 while there are none
}

// Counted reports whether the next finding of a connection and check is counted and not told.
func (b *Buffer) Counted(c *event.Conn, name string) bool {
	return b.Most > 0 && b.counts[kindOf{c, name, false}].told >= b.Most
}

// another counts one more event of a kind. It returns nil where that is to be told, else what it is counted in.
func (b *Buffer) another(order uint64, k kindOf, at event.At) *More {
	if b.Most <= 0 || k.conn == nil {
		return nil
	}
	n := b.counts[k]
	if n.told < b.Most {
		n.told++
		if b.counts == nil {
			b.counts = make(map[kindOf]counted)
		}
		b.counts[k] = n
		return nil
	}
	if n.more == 0 {
		b.more = append(b.more, More{Conn: k.conn, Name: k.name, Caveat: k.caveat, First: at})
		n.more = int32(len(b.more))
		b.counts[k] = n
		b.add(order, k.conn, kindMore, len(b.more))
	}
	m := &b.more[n.more-1]
	m.Count++
	m.Last = at
	return m
}
