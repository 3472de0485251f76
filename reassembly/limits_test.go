package reassembly

import (
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Everything here runs into a limit of Config.
func TestLimits(t *testing.T) {
	for _, tt := range []struct {
		name         string
		cfg          Config
		script, want string
		stats        Stats // those that are not zero are compared
	}{
		{"too much queued in one direction", Config{MaxBufferedConn: 3 * pageMemory}, handshake + `
			> 3 c
			> 5 e
			> 7 g
			> 9 i
			> 2 b`, `
			open @1 SYN
			> gap 2 @4
			> c @4`, Stats{GivenUp: 1, Retransmitted: 1, LateFills: 1, OutOfOrder: 4}},
		{"too much queued in all", Config{MaxBuffered: 3 * pageMemory}, handshake + `
			> 3 c
			< 4 d
			> 5 e
			> 7 g`, `
			open @1 SYN
			> gap 2 @4
			> c @4`, Stats{GivenUp: 1}},
		{"too much held", Config{MaxBuffered: 300}, `
			> 1 a
			> 2 b
			> 3 c
			> 4 d`, `
			open @1 midstream
			> a @1
			> b @2
			> c @3
			> d @4`, Stats{GivenUp: 1}},
		{"no room for a second copy", Config{MaxBufferedConn: 4 * pageMemory}, handshake + `
			> 2 b
			> 3 c
			> 2 X
			> 1 a`, `
			open @1 SYN
			> a @7
			> b @4
			> c @5`, Stats{Uncompared: 1}},
		{"short history", Config{HistoryBytes: 256}, handshake + `
			> 1 ` + strings.Repeat("a", 300) + `
			> 1 b` + strings.Repeat("a", 298) + `b
			> 1 b`, `
			open @1 SYN
			> ` + strings.Repeat("a", 300) + ` @4
			> conflict 299 a b @5`, Stats{Conflicts: 1, Retransmitted: 2}},
		{"no history", Config{MaxHistory: 1}, handshake + `
			> 1 ab
			> 1 xy`, `
			open @1 SYN
			> ab @4`, Stats{Retransmitted: 1}},
		{"embryonic for too long", Config{EmbryonicTimeout: 10 * time.Second}, handshake + `
			wait 13s
			> 1 ack 1 hello
			wait 2s`, `
			open @4 midstream
			> hello @4`, Stats{Connections: 2}},
		{"a RST of no connection", Config{}, `
			> RST 1
			close`, ``, Stats{Strays: 1}},
		{"far ahead", Config{}, handshake + `
			> 1 a
			> 2147483649 bc
			> 2 b`, `
			open @1 SYN
			> a @4
			> b @6`, Stats{Connections: 2}},
		{"far ahead, and nothing in it", Config{}, handshake + `
			> 1 a
			> 2147483649
			> 2 b`, `
			open @1 SYN
			> a @4
			> b @6`, Stats{Connections: 1, Unplaced: 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScript(tt.cfg)
			if d := cmp.Diff(transcript(tt.want), s.run(t, tt.script)); d != "" {
				t.Errorf("want(-), got(+)\n%s", d)
			}
			got := s.table.Stats()
			for _, f := range []struct {
				name      string
				got, want uint64
			}{
				{"given up", got.GivenUp, tt.stats.GivenUp}, {"retransmitted", got.Retransmitted, tt.stats.Retransmitted},
				{"late fills", got.LateFills, tt.stats.LateFills}, {"out of order", got.OutOfOrder, tt.stats.OutOfOrder},
				{"uncompared", got.Uncompared, tt.stats.Uncompared}, {"conflicts", got.Conflicts, tt.stats.Conflicts},
				{"connections", got.Connections, tt.stats.Connections}, {"strays", got.Strays, tt.stats.Strays}, {"unplaced", got.Unplaced, tt.stats.Unplaced},
			} {
				if f.want != 0 && f.got != f.want {
					t.Errorf("%s: %d, want %d", f.name, f.got, f.want)
				}
			}
			s.run(t, "close")
			s.empty(t)
		})
	}
}

// numbered is a segment between the ends of connection n.
func numbered(n int, flags uint8, seq uint32, payload string) *Segment {
	s := &Segment{Flags: flags, Seq: seq, Payload: []byte(payload), At: At{Time: int64(n)}}
	s.Key, s.From = endpointsKey("10.0.0.2:40000", "10.0.0.1:80")
	binary.BigEndian.PutUint32(s.Key.Addr[s.From][12:], 0x0a000000+uint32(n))
	s.At.Ordinal = uint64(n)
	return s
}

// TestEviction fills a table and sees who has to go, one after the other.
func TestEviction(t *testing.T) {
	var got recorders
	table := NewTable(Config{MaxConnections: 6}, &got)
	for n := 1; n <= 6; n++ {
		table.Segment(numbered(n, SYN, 0, ""))
	}
	open := func(n int) *recorder {
		table.Segment(numbered(n, ACK, 1, "x"))
		return got[len(got)-1]
	}
	open(1).conn.Keep()
	second := open(2)
	open(3).conn.Reject()
	table.Segment(numbered(3, ACK, 2, "x"))
	table.Segment(numbered(1, ACK, 2, "x"))
	table.Segment(numbered(4, RST, 1, ""))
	table.Segment(numbered(5, ACK, 1, ""))
	for i, want := range []int{4, 3, 5, 6} { // ended, rejected, embryonic by age
		table.Segment(numbered(101+i, SYN, 0, ""))
		if table.index.find(&numbered(want, 0, 0, "").Key, &table.conns) != 0 {
			t.Errorf("eviction %d: connection %d is still there", i, want)
		}
	}
	for i := range 4 {
		open(101 + i)
	}
	table.Segment(numbered(201, SYN, 0, ""))
	if second.ends != [2]End{EndEvicted, EndEvicted} {
		t.Errorf("the oldest plain connection has ends %d", second.ends)
	}
	if n := table.Stats(); n.Remembered != 6 || got[0].ends != [2]End{} {
		t.Errorf("%d connections; the one to keep has ends %d", n.Remembered, got[0].ends)
	}
}

// TestMaxEnded forgets the connections that ended first, and no open one.
func TestMaxEnded(t *testing.T) {
	table := NewTable(Config{MaxEnded: 2}, new(recorders))
	for n := 1; n <= 5; n++ {
		table.Segment(numbered(n, SYN, 0, ""))
	}
	for _, n := range []int{2, 5, 1, 4} {
		table.Segment(numbered(n, RST, 1, ""))
	}
	for n, want := range map[int]bool{1: true, 2: false, 3: true, 4: true, 5: false} {
		if got := table.index.find(&numbered(n, 0, 0, "").Key, &table.conns) != 0; got != want {
			t.Errorf("connection %d is there: %v", n, got)
		}
	}
}

// TestEvictionKeepsLast forgets what is only to be kept before what is to be kept last, however idle that is.
func TestEvictionKeepsLast(t *testing.T) {
	var got recorders
	table := NewTable(Config{MaxConnections: 2}, &got)
	for n := 1; n <= 2; n++ {
		table.Segment(numbered(n, SYN, 0, ""))
		table.Segment(numbered(n, ACK, 1, "x"))
	}
	idle, busy := got[0], got[1]
	idle.conn.Keep()
	idle.conn.KeepLast()
	table.Segment(numbered(1, ACK, 2, "x"))
	busy.conn.Keep()
	table.Segment(numbered(2, ACK, 2, "x"))
	table.Segment(numbered(3, SYN, 0, ""))
	if busy.ends != [2]End{EndEvicted, EndEvicted} || idle.ends != [2]End{} {
		t.Errorf("the one to keep has ends %d, the one to keep last %d", busy.ends, idle.ends)
	}
}

// TestCloseOrder ends connections in the order of their first packets, whatever their keys and last packets.
func TestCloseOrder(t *testing.T) {
	var order []uint64
	table := NewTable(Config{}, opener(func(c *Conn) Sink { return ender(func() { order = append(order, c.Ordinal()) }) }))
	keys := []int{7, 3, 9, 1, 5}
	for i, key := range keys {
		s := numbered(key, SYN, 0, "x")
		s.At.Ordinal = uint64(i + 1)
		table.Segment(s)
	}
	for _, key := range []int{9, 7, 1} {
		s := numbered(key, ACK, 2, "y")
		s.At.Time = 10e9
		table.Segment(s)
	}
	table.Close(At{})
	if d := cmp.Diff([]uint64{1, 1, 2, 2, 3, 3, 4, 4, 5, 5}, order); d != "" {
		t.Error(d)
	}
}

type opener func(c *Conn) Sink

func (o opener) Open(c *Conn) Sink { return o(c) }

type ender func()

func (ender) Data(Dir, At, []byte) {}
func (ender) Gap(Dir, At, uint64)  {}
func (e ender) End(Dir, At, End)   { e() }

// TestAcked follows what each packet acknowledged, as an offset in the other direction.
func TestAcked(t *testing.T) {
	s := newScript(Config{})
	s.acked = true
	want := `
		open @1 SYN
		> hello @4 acked 0
		< wor @5 acked 5
		< ld @6 acked 7
		> !! @8 acked 3
		> FIN @8 acked 3
		< bye @9 acked 7
		< FIN @9 acked 7
	`
	got := s.run(t, handshake+`
		> 1 ack 1 hello
		< 1 ack 6 wor
		< 4 ack 8 ld
		> 8 ack 6
		> 6 ack 4 !! FIN
		< 6 ack 9 bye FIN`)
	if d := cmp.Diff(transcript(want), got); d != "" {
		t.Error(d)
	}
	s = newScript(Config{})
	s.acked = true
	if d := cmp.Diff("open @1 midstream\n> x @1 acked -1", s.run(t, "> 1001 ack 7 x\nwait 3s")); d != "" {
		t.Error(d)
	}
}

func TestShare(t *testing.T) {
	got := Config{MaxConnections: 100, MaxHistory: 1}.Share(16)
	if got.MaxConnections != 7 || got.MaxBuffered != 8<<20 || got.MaxHistory != 1 || got.MaxBufferedConn != 4<<20 || got.IdleTimeout != time.Hour {
		t.Errorf("%+v", got)
	}
}

// TestIndex compares the index with a map, in a table where connections come and go.
func TestIndex(t *testing.T) {
	table := NewTable(Config{}, quiet{})
	live := map[int]uint32{}
	for i := range 20_000 {
		n := i * 7919 % 3001
		s := numbered(n, SYN, 0, "")
		if at, ok := live[n]; ok {
			if i%3 > 0 {
				table.removeConn(table.conns.at(at))
				delete(live, n)
			}
		} else {
			table.Segment(s)
			live[n] = table.index.find(&s.Key, &table.conns)
		}
		probe := i * 31 % 3001
		if got := table.index.find(&numbered(probe, 0, 0, "").Key, &table.conns); got != live[probe] {
			t.Fatalf("step %d: connection %d at %d, want %d", i, probe, got, live[probe])
		}
	}
	if table.index.used != len(live) || table.conns.live != len(live) {
		t.Errorf("%d and %d, want %d", table.index.used, table.conns.live, len(live))
	}
}
