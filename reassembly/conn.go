package reassembly

import "net/netip"

// Conn is one TCP connection of a Table. A *Conn given to Handler.Open may be used until the Sink's last End
// returns, or until the Table drops the connection after Reject; then the Table uses it again for another
// connection.
//
// Inside, everything two-sided is indexed by side: the index in Key of who sent. A Dir is a side seen from the
// opener.
//
// It is three lines of cache long, and all that a segment without payload needs.
type Conn struct {
	key         Key
	first, last stamp
	files       [2]int32 // of first and last
	packets     uint64
	bytes       uint64
	flow        *flow // nil until the first payload octet or early FIN, and again after the end
	sink        Sink
	evidence    *evidence // nil unless something unusual happened
	next        [2]uint32 // the sequence number expected next; until known, the other side's lowest acknowledgement
	// ack is the highest acknowledgement number the side has sent. After the end or Reject it is the side's base.
	ack     [2]uint32
	self    uint32 // where the slab holds this Conn
	older   uint32 // neighbours in the list of its class
	newer   uint32
	touched uint32 // the tick of the last move to the young end of the list
	sender  [2]senderState
	flags   connFlags
	opener  uint8
	class   class
}

// senderState is what is known of one sender.
type senderState struct {
	known knownBits
	ended End // 0 while its direction is open
}

type knownBits uint8

const (
	baseKnown      knownBits = 1 << iota // Conn.next is a sequence number to expect
	synSeen                              // its SYN was captured
	lowestAckKnown                       // Conn.next is the lowest acknowledgement for it
	ackSeen                              // it has acknowledged something: Conn.ack
)

type connFlags uint16

const (
	flagOpenerKnown  connFlags = 1 << iota // a SYN said who opened
	flagSinkOpened                         // the Sink was made
	flagRejected                           // Reject was called
	flagKept                               // Keep was called
	flagKeptLast                           // KeepLast was called
	flagCounted                            // counted in Stats.Connections
	flagTimer0                             // the direction of side 0 has a timer
	flagTimer1                             // the direction of side 1 has one
	flagSiblings                           // another connection has or had the same Key
	flagChecksum0                          // a right checksum of side 0 was seen
	flagChecksum1                          // of side 1
	flagUnchecked0                         // wrong checksums of side 0 say nothing
	flagUnchecked1                         // of side 1
	flagResetPending                       // a RST waits: evidence.reset
	flagContested                          // a SYN of another connection came; its origin is in evidence.contested
)

func (k knownBits) has(what knownBits) bool { return k&what != 0 }

func (c *Conn) is(m connFlags) bool { return c.flags&m != 0 }

func (c *Conn) knows(side uint8, what knownBits) bool { return c.sender[side].known.has(what) }

// hasTimer reports whether the direction of a side has a timer.
func (c *Conn) hasTimer(side uint8) bool { return c.is(flagTimer0 << side) }

// bothEnded reports whether both directions have ended.
func (c *Conn) bothEnded() bool { return c.sender[0].ended != 0 && c.sender[1].ended != 0 }

func (c *Conn) dir(side uint8) Dir { return Dir(side ^ c.opener) }

// base is the sequence number of the first octet of a side's stream, where that is known.
func (c *Conn) base(side uint8) uint32 {
	switch {
	case c.class <= classRejected:
		return c.ack[side]
	case c.flow == nil:
		return c.next[side]
	}
	return c.next[side] - uint32(c.flow.dirs[side].offset)
}

// Ordinal identifies the connection in the run: the ordinal of its first packet.
func (c *Conn) Ordinal() uint64 { return c.first.ordinal }

// Endpoint is the address and port of the sender of d.
func (c *Conn) Endpoint(d Dir) netip.AddrPort { return c.key.Endpoint(uint8(d) ^ c.opener) }

// Opened says how much of the beginning has been captured so far. A SYN that is captured after the Sink was made
// still counts here, but no longer changes which Dir is which.
func (c *Conn) Opened() Opening {
	if c.knows(0, synSeen) || c.knows(1, synSeen) {
		return OpenedSYN
	}
	return OpenedMidstream
}

// First is the connection's first packet. Its Acked is -1.
func (c *Conn) First() At { return c.first.at(c.files[0]) }

// Last is the last packet seen so far, in either direction. Its Acked is -1.
func (c *Conn) Last() At { return c.last.at(c.files[1]) }

// Packets counts the connection's packets so far, those with no payload included.
func (c *Conn) Packets() uint64 { return c.packets }

// Bytes sums the lengths on the wire of those packets, in octets.
func (c *Conn) Bytes() uint64 { return c.bytes }

// Ended says why d ended, 0 while it is open.
func (c *Conn) Ended(d Dir) End { return c.sender[uint8(d)^c.opener].ended }

// Cut counts the octets of d so far that were on the wire beyond the snap length of the capture, those of a Gap that
// is being told included.
func (c *Conn) Cut(d Dir) uint64 {
	if c.flow == nil {
		return 0
	}
	return c.flow.dirs[uint8(d)^c.opener].cut
}

// Reject says that the rest of the connection is of no interest: its later packets are counted and dropped after
// one look-up. The Sink gets no more calls, not even End, and what was queued is freed once the Sink call in
// progress returns.
func (c *Conn) Reject() { c.flags |= flagRejected }

// Keep asks that the connection be dropped last when Config.MaxConnections is reached, and be let idle for
// Config.KeptTimeout.
func (c *Conn) Keep() { c.flags |= flagKept }

// Kept reports whether Keep or KeepLast was called.
func (c *Conn) Kept() bool { return c.is(flagKept | flagKeptLast) }

// KeepLast asks that it be dropped after those that Keep was called for.
func (c *Conn) KeepLast() { c.flags |= flagKeptLast }

// Detached is a copy that may be used for as long as it is wanted: what was known of the connection until now,
// without Counters.
func (c *Conn) Detached() *Conn {
	d := *c
	d.next = [2]uint32{c.base(0), c.base(1)}
	d.flow, d.sink, d.class = nil, nil, classOpen
	return &d
}

// stamp is a packet: the part of an At that does not depend on what is known of the connection, without the file.
type stamp struct {
	ordinal, number uint64
	time            int64
}

func (s *stamp) at(file int32) At {
	return At{Ordinal: s.ordinal, Number: s.number, Time: s.time, File: file, Acked: -1}
}

// set makes s what b is: see At.Set.
func (s *stamp) set(b *stamp) {
	s.ordinal, s.number, s.time = b.ordinal, b.number, b.time
}

// origin is the packet that carried something. Its acknowledgement is not turned into an offset yet, because that
// needs the base of the other direction, which may be learnt later.
type origin struct {
	stamp
	file int32
	ack  uint32
	acks bool
}

func (o *origin) set(s *Segment) {
	o.ordinal, o.number, o.time, o.file = s.At.Ordinal, s.At.Number, s.At.Time, s.At.File
	o.acks, o.ack = s.Flags&ACK != 0, s.Ack
}

// packet is the At of an origin without its acknowledgement.
func (o *origin) packet() At { return o.stamp.at(o.file) }

// at turns an origin of a side into the At that a Sink sees. An acknowledgement never exceeds the sender's FIN,
// which has a sequence number but is no octet.
func (c *Conn) at(side uint8, o *origin) (at At) {
	c.locate(&at, side, o)
	return at
}

// locate is at, into what the caller has: see At.Set.
func (c *Conn) locate(at *At, side uint8, o *origin) {
	at.Ordinal, at.Number, at.Time, at.File, at.Acked = o.ordinal, o.number, o.time, o.file, c.acked(side, o)
}

// acked is At.Acked of an origin of a side.
func (c *Conn) acked(side uint8, o *origin) int64 {
	peer := side ^ 1
	if !o.acks || !c.knows(peer, baseKnown) {
		return -1
	}
	if c.flow == nil {
		return 0
	}
	ahead := int64(int32(o.ack - c.next[peer]))
	d := &c.flow.dirs[peer]
	if d.ends == EndFIN {
		ahead = min(ahead, int64(int32(d.pendingEnd.seq-c.next[peer])))
	}
	return max(int64(d.offset)+ahead, 0)
}
