package analyze

import (
	"cmp"
	"slices"

	"wshake/analyze/event"
	"wshake/analyze/internal/quicconn"
	"wshake/analyze/internal/shard"
	"wshake/capture"
	"wshake/reassembly"
	"wshake/reassembly/decode"
)

// Totals is what the packets and connections of a run, or of a part of one, sum up to. It holds no pointers into the
// run, so that it can be sent to another machine.
type Totals struct {
	Packets, Bytes      uint64
	FirstTime, LastTime event.Opt[int64]
	Last                event.At // the last packet
	SnapLength          uint32   // the smallest that the files declare, octets, 0 where none does

	Decoded decode.Counts
	Unread  []decode.Unread   // rows by port
	QUIC    []quicconn.Unread // datagrams of which nothing was opened, by port; Unread has them too

	QUICConnections quicconn.Counts
	AltServices     []shard.AltService // offers of HTTP/3

	Connections uint64
	Silent      uint64 // connections that carried no octet
	Spoken      map[string]uint64
	TLS         event.Secured
	Octets      uint64               // of TCP streams, captured
	Missing     uint64               // of TCP streams, not captured
	Jump        reassembly.ClockJump // the first
	Evicted     uint64               // connections dropped at a limit
	Holes       uint64               // that were not waited for
	Windows     uint64               // taken from one conversation for another
	Lost        event.Dropped        // what the files count as lost
	LostKnown   bool
}

// packet counts a packet that was read.
func (t *Totals) packet(p *capture.Packet) {
	t.Packets++
	t.Bytes += uint64(p.Length)
	switch {
	case p.Time == capture.NoTime:
	case !t.FirstTime.Known:
		t.FirstTime, t.LastTime = event.Some(p.Time), event.Some(p.Time)
	case p.Time < t.FirstTime.Value:
		t.FirstTime.Value = p.Time
	case p.Time > t.LastTime.Value:
		t.LastTime.Value = p.Time
	}
}

func (t *Totals) times(first, last event.Opt[int64]) {
	if first.Known && (!t.FirstTime.Known || first.Value < t.FirstTime.Value) {
		t.FirstTime = first
	}
	if last.Known && (!t.LastTime.Known || last.Value > t.LastTime.Value) {
		t.LastTime = last
	}
}

// gather adds what the reader and the workers know at the end of a run.
func (t *Totals) gather(d *reader, workers []*worker) {
	t.Last = d.last
	t.SnapLength = capture.SnapLength(d.src)
	for i := range shards {
		t.shard(workers[i%len(workers)].shards[i])
	}
	for i := range t.QUIC {
		d.decoder.AddUnread(t.QUIC[i].Unread)
	}
	t.Decoded, t.Unread = d.decoder.Counts(), d.decoder.UnreadRows()
	t.TLS.KeyLog = d.cfg.Keys.Log.Given()
	if d.cfg.Live.Counted != nil {
		t.Lost, t.LostKnown = d.cfg.Live.Counted()
	}
}

// shard adds what the tables of one shard know.
func (t *Totals) shard(s *table) {
	n := s.tcp.Stats()
	of := Totals{Connections: n.Connections, Octets: n.Octets, Missing: n.Missing, Jump: s.tcp.ClockJump(),
		Evicted: n.Evicted, Holes: n.GivenUp, Windows: uint64(s.Windows.Taken()), Spoken: s.Spoken}
	if n.Connections > n.Sinks {
		of.Silent = n.Connections - n.Sinks
	}
	of.QUICConnections, of.AltServices = *s.quic.Counts(), s.AltServices
	of.TLS.Decrypted, of.TLS.Undecrypted, of.TLS.Late, of.TLS.Half = s.TLS.Decrypted, s.TLS.Undecrypted, s.TLS.Late, s.TLS.Half
	for _, u := range s.quic.Unread() {
		of.QUIC = append(of.QUIC, *u)
	}
	t.Add(&of)
}

// Add adds the totals of another part of the run. Ordinals of both must count the same packets.
func (t *Totals) Add(o *Totals) {
	t.Packets += o.Packets
	t.Bytes += o.Bytes
	t.times(o.FirstTime, o.LastTime)
	t.Last = reassembly.Later(t.Last, o.Last)
	if o.SnapLength > 0 && (t.SnapLength == 0 || o.SnapLength < t.SnapLength) {
		t.SnapLength = o.SnapLength
	}
	t.Decoded.Add(&o.Decoded)
	t.Unread = decode.SumUnread(t.Unread, o.Unread)
	for i := range o.QUIC {
		t.quic(&o.QUIC[i])
	}
	t.QUICConnections.Add(&o.QUICConnections)
	t.AltServices = append(t.AltServices, o.AltServices...)
	t.Connections += o.Connections
	t.Silent += o.Silent
	for what, n := range o.Spoken {
		if t.Spoken == nil {
			t.Spoken = make(map[string]uint64)
		}
		t.Spoken[what] += n
	}
	t.TLS.Decrypted += o.TLS.Decrypted
	t.TLS.Undecrypted += o.TLS.Undecrypted
	t.TLS.Late += o.TLS.Late
	t.TLS.Half += o.TLS.Half
	t.TLS.KeyLog = t.TLS.KeyLog || o.TLS.KeyLog
	t.Octets += o.Octets
	t.Missing += o.Missing
	if o.Jump.At.Ordinal > 0 && (t.Jump.At.Ordinal == 0 || o.Jump.At.Ordinal < t.Jump.At.Ordinal) {
		t.Jump = o.Jump
	}
	t.Evicted += o.Evicted
	t.Holes += o.Holes
	t.Windows += o.Windows
	t.Lost.Kernel += o.Lost.Kernel
	t.Lost.Interface += o.Lost.Interface
	t.LostKnown = t.LostKnown || o.LostKnown
}

// quic adds datagrams of one port.
func (t *Totals) quic(u *quicconn.Unread) {
	i, found := slices.BinarySearchFunc(t.QUIC, u, func(a quicconn.Unread, b *quicconn.Unread) int {
		return cmp.Or(cmp.Compare(a.What.Number, b.What.Number), cmp.Compare(a.What.Shape, b.What.Shape), cmp.Compare(a.What.Registry, b.What.Registry))
	})
	if !found {
		t.QUIC = slices.Insert(t.QUIC, i, *u)
		return
	}
	row := &t.QUIC[i]
	row.First = firstOf(row.Packets, row.First, u.Packets, u.First)
	row.Packets += u.Packets
	row.Bytes += u.Bytes
	row.UntoldFirst = firstOf(row.Untold, row.UntoldFirst, u.Untold, u.UntoldFirst)
	row.Untold += u.Untold
	row.UntoldBytes += u.UntoldBytes
}

// firstOf is the earlier of two packets, each of which counts where there are any.
func firstOf(n uint64, a event.At, m uint64, b event.At) event.At {
	if n == 0 || m > 0 && b.Ordinal < a.Ordinal {
		return b
	}
	return a
}
