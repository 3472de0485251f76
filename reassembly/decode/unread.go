package decode

import (
	"cmp"
	"slices"

	"wshake/capture"
	"wshake/reassembly"
)

// maxUnread bounds the rows of the table of what was not read. An attacker may use every UDP port.
const maxUnread = 1024

// Unread is what the packets of one kind were that carried no TCP segment that could be read.
type Unread struct {
	What    Protocol
	Packets uint64
	Bytes   uint64        // on the wire
	First   reassembly.At // the first of them
}

// Cut counts packets that the snap length cut.
type Cut struct {
	Packets uint64
	Missing uint64 // octets that were not captured
	Longest int    // octets captured of the one of which most was
	First   reassembly.At
}

func (c *Cut) add(p *capture.Packet) {
	if c.Packets == 0 {
		c.First = atOf(p)
	}
	c.Packets++
	c.Longest = max(c.Longest, len(p.Data))
	c.Missing += uint64(p.Length) - uint64(len(p.Data))
}

// unread is the table behind Decoder.Unread.
type unread struct {
	rows   map[Protocol]*Unread
	recent [64]*Unread // rows that were used, by place: few packets need a look into the map
}

// place is where in unread.recent the row of p may be.
func (p Protocol) place() uint32 { return (p.Number ^ uint32(p.Registry)<<3 ^ uint32(p.Shape)) % 64 }

func (u *unread) init() { u.rows = make(map[Protocol]*Unread) }

// count adds the current packet to the row of what it is. Fragments that wait are counted when it is known what
// becomes of them.
func (u *unread) count(d *Decoder, o Outcome) {
	what := d.found
	switch o {
	case UnknownLink:
		what = Protocol{Registry: LinkType, Number: uint32(d.packet.Link)}
	case NotTCP:
	case FragmentHeld, FragmentDropped:
		return
	default:
		what = Protocol{Registry: Undecoded, Number: uint32(o)}
	}
	recent := &u.recent[what.place()]
	row := *recent
	if row == nil || row.What != what {
		row = u.row(what, atOf(d.packet))
		*recent = row
	}
	row.Packets++
	row.Bytes += uint64(d.packet.Length)
	if e := &d.earlier; e.Packets > 0 {
		row.Packets += e.Packets
		row.Bytes += e.Bytes
	}
}

// add adds a row to what was counted so far.
func (u *unread) add(of Unread) {
	if of.Packets == 0 {
		return
	}
	row := u.row(of.What, of.First)
	row.Packets += of.Packets
	row.Bytes += of.Bytes
}

func (u *unread) row(what Protocol, first reassembly.At) *Unread {
	row := u.rows[what]
	if row == nil && len(u.rows) >= maxUnread {
		what = Protocol{Registry: Remainder}
		row = u.rows[what]
	}
	if row == nil {
		row = &Unread{What: what, First: first}
		u.rows[what] = row
	}
	return row
}

// Unread tells what the packets were that carried no TCP segment that could be read, the largest number of packets
// first. Fragments of a datagram that was completed belong to what it carried; those that still wait for the rest
// are a row of their own.
//
// A service known by its shape is one row, with the port that most of its packets used; packets of the same port
// without a shape of their own (short headers of QUIC) belong to it.
func (d *Decoder) Unread() []Unread { return Services(d.UnreadRows()) }

// UnreadRows is Unread with a row for each port, also of a service that is known by its shape.
func (d *Decoder) UnreadRows() []Unread {
	rows := d.unread.sorted()
	if held := d.fragments.held(); held.Packets > 0 {
		rows = append(rows, held)
	}
	return rows
}

// Services makes the list of Unread from rows of UnreadRows, one of each kind.
func Services(rows []Unread) []Unread {
	shaped := make(map[Shape]Unread) // by shape, all ports together
	ports := make(map[uint32]Shape)  // ports that a shape was seen on
	most := make(map[Shape]uint64)
	for _, row := range rows {
		if row.What.Registry == UDPPort && row.What.Shape != NoShape {
			ports[row.What.Number] = row.What.Shape
		}
	}
	var list []Unread
	for _, row := range rows {
		shape := row.What.Shape
		if row.What.Registry != UDPPort {
			list = append(list, row)
			continue
		}
		if shape == NoShape {
			if shape = ports[row.What.Number]; shape != QUIC {
				list = append(list, row)
				continue
			}
		}
		sum := shaped[shape]
		if sum.Packets == 0 || row.First.Ordinal < sum.First.Ordinal {
			sum.First = row.First
		}
		if row.Packets > most[shape] {
			most[shape] = row.Packets
			sum.What = Protocol{Registry: UDPPort, Shape: shape, Number: row.What.Number}
		}
		sum.Packets += row.Packets
		sum.Bytes += row.Bytes
		shaped[shape] = sum
	}
	for shape := QUIC; shape <= DTLS; shape++ {
		if sum, ok := shaped[shape]; ok {
			list = append(list, sum)
		}
	}
	slices.SortFunc(list, largestFirst)
	return list
}

func (u *unread) sorted() []Unread {
	rows := make([]*Unread, 0, len(u.rows))
	for _, row := range u.rows {
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b *Unread) int { return a.compare(b) })
	list := make([]Unread, len(rows))
	for i, row := range rows {
		list[i] = *row
	}
	return list
}

func largestFirst(a, b Unread) int { return a.compare(&b) }

// compare is negative where a has more packets than b; of as many, where it is ahead of b in other ways.
func (a *Unread) compare(b *Unread) int {
	switch {
	case a.Packets != b.Packets:
		return cmp.Compare(b.Packets, a.Packets)
	case a.Bytes != b.Bytes:
		return cmp.Compare(b.Bytes, a.Bytes)
	case a.First.Ordinal != b.First.Ordinal:
		return cmp.Compare(a.First.Ordinal, b.First.Ordinal)
	}
	return cmp.Or(cmp.Compare(a.What.Registry, b.What.Registry), cmp.Compare(a.What.Number, b.What.Number),
		cmp.Compare(a.What.Shape, b.What.Shape))
}

func atOf(p *capture.Packet) reassembly.At {
	return reassembly.At{Ordinal: p.Ordinal, Number: p.Number, Time: p.Time, Acked: -1, File: p.File}
}
