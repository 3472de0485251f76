package reassembly

import (
	"bytes"
	"testing"
	"time"
)

// FuzzTable plays hostile scripts: four octets a packet, between few ends, in tables with little room. Whatever
// comes, a direction's calls are in order and end once, every octet delivered is one that its packet carried at
// that place of the stream, and nothing is left over.
func FuzzTable(f *testing.F) {
	f.Add([]byte("\x02\x00\x00\x00\x13\x00\x00\x00\x10\x01\x05\x00\x10\x08\x05\x00\x10\x06\x02\x00\x11\x0d\x00\x00"))
	f.Add([]byte("\x10\x40\x05\x00\x30\x40\x05\x00\x10\x38\x05\x00\x02\x37\x00\x00\x00\x00\x00\xff\x14\x45\x00\x00"))
	f.Add([]byte("\x02\x00\x00\x00\x42\x00\x00\x00\x82\x00\x00\x00\xc2\x00\x00\x00\x50\x01\x09\x00\x90\x05\x09\x30\x10\x05\x19\x00"))
	f.Add([]byte("\x02\x00\x00\x00\x10\x05\x87\x00\x10\x03\x03\x00\x10\x01\x43\x90\x10\x01\x03\x00"))
	// a hole of half the circle of sequence numbers is given up and another one stays: the next octets must not
	// be placed by where the first began
	f.Add([]byte("0\xff\xe41\x01 \x01\x01\x01\x01\x01\x01\x01\xae\xbb\xbb"))
	f.Fuzz(playHostile)
}

func playHostile(t *testing.T, in []byte) {
	h := &witness{t: t}
	cfg := Config{MaxConnections: 3, MaxBuffered: 24 << 10, MaxBufferedConn: 16 << 10, HistoryBytes: 512, MaxHistory: 4 << 10, IdleTimeout: 20 * time.Second, EmbryonicTimeout: 10 * time.Second}
	h.table = NewTable(cfg, h)
	var now int64
	for ; len(in) >= 4; in = in[4:] {
		// flags (6 bits) and ends (2), sequence number, length (4 bits) with cut (3) and far (1), time and sender
		a, b, c, d := in[0], in[1], in[2], in[3]
		now += []int64{1, 1e6, 1e8, 5e8, 3e9, 15e9, -1e6, -90e9}[d>>1&7]
		key, _ := endpointsKey("10.0.0.2:40000", "10.0.0.1:80")
		key.Tunnel = uint64(a >> 6 * (d >> 7))
		s := Segment{Key: key, From: d & 1, Flags: a & 63, Seq: 1<<32 - 60 + uint32(b), Ack: 1<<32 - 60 + uint32(a>>6)*40 + uint32(d>>4&7), Wire: 60}
		s.Payload = bytes.Repeat([]byte{'a' + byte(len(h.packets)%26)}, int(c&15)*int(c&15))
		if n := len(s.Payload); n > 0 {
			s.Payload[n-1], s.Payload[n/2] = byte(len(h.packets)), b
		}
		s.Cut = uint32(c >> 4 & 7)
		if c>>7 != 0 {
			s.Seq += 1 << (16 + uint32(b&15))
		}
		s.At = At{Ordinal: uint64(len(h.packets) + 1), Time: now, Acked: -1}
		kept := s
		kept.Payload = bytes.Clone(s.Payload)
		h.packets = append(h.packets, kept)
		h.table.Segment(&s)
		clear(s.Payload)
		n := h.table.Stats()
		if n.Buffered > uint64(cfg.MaxBuffered)+8<<10 || n.History > uint64(cfg.MaxHistory) || n.Remembered > uint64(cfg.MaxConnections) {
			t.Fatalf("over the limits: %+v", n)
		}
	}
	h.table.Close(At{Time: now})
	h.check()
	(&script{table: h.table}).empty(t)
}

// witness checks every call against the packets sent.
type witness struct {
	t       *testing.T
	table   *Table
	packets []Segment
	sinks   []*testimony
}

type testimony struct {
	recorder
	*witness
	offset [2]uint64
}

func (w *witness) Open(c *Conn) Sink {
	s := &testimony{witness: w, recorder: recorder{conn: c}}
	w.sinks = append(w.sinks, s)
	if len(w.sinks)%5 == 0 {
		c.Keep()
	}
	return s
}

func (s *testimony) packet(at At) *Segment {
	if at.Ordinal == 0 || at.Ordinal > uint64(len(s.packets)) {
		s.t.Fatalf("packet %d of %d", at.Ordinal, len(s.packets))
	}
	return &s.packets[at.Ordinal-1]
}

func (s *testimony) Data(d Dir, at At, p []byte) {
	c := s.conn
	side := uint8(d) ^ c.opener
	packet := s.packet(at)
	start := packet.Seq
	if packet.Flags&SYN != 0 {
		start++
	}
	place := c.next[side] - uint32(len(p)) - start
	if packet.From != side || uint64(place)+uint64(len(p)) > uint64(len(packet.Payload)) || !bytes.Equal(packet.Payload[place:][:len(p)], p) {
		s.t.Fatalf("%q is not what packet %d (%q) carried at %d", p, at.Ordinal, packet.Payload, place)
	}
	if s.ends[d] != 0 {
		s.t.Fatalf("data after end %d", s.ends[d])
	}
	s.offset[d] += uint64(len(p))
	if s.offset[d] != c.flow.dirs[side].offset {
		s.t.Fatalf("%d octets delivered or named, offset is %d", s.offset[d], c.flow.dirs[side].offset)
	}
	if at.Acked < -1 {
		s.t.Fatalf("acked %d", at.Acked)
	}
	if p[0]&63 == 63 {
		c.Reject()
	}
}

func (s *testimony) Gap(d Dir, at At, n uint64) {
	s.packet(at)
	if n == 0 || s.ends[d] != 0 {
		s.t.Fatalf("gap of %d after end %d", n, s.ends[d])
	}
	s.offset[d] += n
}

func (s *testimony) End(d Dir, at At, why End) {
	s.packet(at)
	s.recorder.End(d, at, why)
	if s.conn.is(flagRejected) {
		s.t.Fatal("End after Reject")
	}
	if s.conn.bothEnded() || s.ends[Opener] != 0 && s.ends[Acceptor] != 0 {
		s.recorder.conn = nil // the Conn is used again
	}
}

func (s *testimony) Conflict(d Dir, at At, offset uint64, first, second []byte) {
	packet := s.packet(at)
	if len(first) != len(second) || first[0] == second[0] || !bytes.Contains(packet.Payload, second) || offset+uint64(len(first)) > s.offset[d] {
		s.t.Fatalf("conflict of %q with %q at %d of %d, packet %d has %q", first, second, offset, s.offset[d], at.Ordinal, packet.Payload)
	}
}

func (w *witness) check() {
	for _, s := range w.sinks {
		rejected := s.conn != nil // its End never came
		if len(s.faults) > 0 || !rejected && (s.ends[0] == 0 || s.ends[1] == 0) {
			w.t.Fatalf("faults %q, ends %d", s.faults, s.ends)
		}
	}
}
