package reassembly

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A script is a conversation as it was captured, one packet a line, and the transcript of what came out of it.
//
//	> SYN 0                the client's SYN; its numbers are relative to its ISN
//	< SYN 0 ack 1          the server's SYN+ACK
//	> 1 ack 1 GET FIN      three octets from 1 on, and a FIN behind them
//	< 1 ack 4 window 0     a window of 0; else it is 501
//	< 1 HTTP cut 6         ten octets on the wire, four captured
//	> RST 4
//	wait 2s                Advance
//	pause 2s               the next packet comes that much later
//	reuse 5000             the client's next ISN is 5000 further on, the server's 7000
//	keep, reject           what the Sink says at its next call
//	close                  end of the capture
//
// Packets are 1 ms apart and numbered from 1. In the transcript, @n is the packet that carried or proved something:
//
//	open @1 SYN            Handler.Open for the connection whose first packet was 1
//	> GET @3               Data
//	< gap 6 @4             Gap
//	> conflict 0 G X @5    Conflict at stream offset 0
//	> FIN @3               End
type script struct {
	table *Table
	now   time.Duration
	count uint64
	isn   [2]uint32
	lines []string
	say   string // for the next Sink call
	acked bool   // also write At.Acked

	evidence  bool // fill told at the last End of each connection
	told      []string
	behind    []string
	confirmed *[]string // what Conn.Confirmed says at each Data, if not nil
}

// conversation gives the ISNs a script starts with.
const clientISN, serverISN = 1000, 900000

var ends = []string{EndFIN: "FIN", EndReset: "RST", EndPeerReset: "peer RST", EndTimeout: "timeout", EndReplaced: "replaced", EndEvicted: "evicted", EndCaptureEnds: "capture ends"}

func newScript(cfg Config) *script {
	s := &script{isn: [2]uint32{clientISN, serverISN}}
	s.table = NewTable(cfg, s)
	return s
}

func endpointsKey(client, server string) (k Key, clientSide uint8) {
	c, s := netip.MustParseAddrPort(client), netip.MustParseAddrPort(server)
	if c.Compare(s) > 0 {
		c, s, clientSide = s, c, 1
	}
	k.Addr = [2][16]byte{c.Addr().As16(), s.Addr().As16()}
	k.Port = [2]uint16{c.Port(), s.Port()}
	k.Protocol = ProtocolTCP
	return k, clientSide
}

// run plays the lines and returns the transcript.
func (s *script) run(t *testing.T, text string) string {
	t.Helper()
	for _, line := range strings.Split(text, "\n") {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		switch words[0] {
		case ">", "<":
			s.packet(t, words)
		case "wait", "pause":
			d, err := time.ParseDuration(words[1])
			if err != nil {
				t.Fatal(err)
			}
			s.now += d
			if words[0] == "wait" {
				s.table.Advance(int64(s.now))
			}
		case "reuse":
			n, _ := strconv.Atoi(words[1])
			s.isn[0] += uint32(n)
			s.isn[1] += uint32(n + 2000)
		case "keep", "reject":
			s.say = words[0]
		case "close":
			s.table.Close(At{Ordinal: s.count, Time: int64(s.now)})
		default:
			t.Fatalf("what is %q?", line)
		}
	}
	return strings.Join(s.lines, "\n")
}

func (s *script) packet(t *testing.T, words []string) {
	t.Helper()
	s.count++
	s.now += time.Millisecond
	key, side := endpointsKey("10.0.0.2:40000", "10.0.0.1:80")
	d := Opener
	if words[0] == "<" {
		d, side = Acceptor, side^1
	}
	p := Segment{Key: key, From: side, Wire: 60, Window: 501, Seq: s.isn[d], At: At{Ordinal: s.count, Number: s.count, Time: int64(s.now), Acked: -1}}
	number := func(i int) int {
		n, err := strconv.Atoi(words[i])
		if err != nil {
			t.Fatalf("%q: %v", words, err)
		}
		return n
	}
	for i := 1; i < len(words); i++ {
		switch words[i] {
		case "SYN":
			p.Flags |= SYN
		case "FIN":
			p.Flags |= FIN
		case "RST":
			p.Flags |= RST
		case "ack":
			i++
			p.Flags |= ACK
			p.Ack = s.isn[d.Other()] + uint32(number(i))
		case "window":
			i++
			p.Window = uint16(number(i))
		case "cut":
			i++
			p.Cut = uint32(number(i))
		default:
			if n, err := strconv.Atoi(words[i]); err == nil {
				p.Seq += uint32(n)
			} else {
				p.Payload = []byte(words[i])
			}
		}
	}
	p.Wire += uint32(len(p.Payload)) + p.Cut
	s.table.Segment(&p)
	clear(p.Payload) // borrowed means borrowed
}

func (s *script) Open(c *Conn) Sink {
	how := "midstream"
	if c.Opened() == OpenedSYN {
		how = "SYN"
	}
	s.lines = append(s.lines, fmt.Sprintf("open @%d %s", c.Ordinal(), how))
	return scriptSink{s, c}
}

type scriptSink struct {
	*script
	conn *Conn
}

func (s scriptSink) write(d Dir, at At, what string) {
	arrow := ">"
	if s.conn.Endpoint(d).Port() == 80 {
		arrow = "<"
	}
	line := fmt.Sprintf("%s %s @%d", arrow, what, at.Ordinal)
	if s.acked {
		line += fmt.Sprintf(" acked %d", at.Acked)
	}
	s.lines = append(s.lines, line)
	switch s.say {
	case "keep":
		s.conn.Keep()
	case "reject":
		s.conn.Reject()
	}
	s.say = ""
}

func (s scriptSink) Data(d Dir, at At, p []byte) {
	s.write(d, at, string(p))
	if s.confirmed != nil {
		*s.confirmed = append(*s.confirmed, fmt.Sprint(s.conn.Confirmed(d)))
	}
}
func (s scriptSink) Gap(d Dir, at At, n uint64) { s.write(d, at, fmt.Sprintf("gap %d", n)) }
func (s scriptSink) End(d Dir, at At, why End) {
	s.write(d, at, ends[why])
	if text := told(s.conn); s.evidence && s.conn.bothEnded() && text != "" {
		s.script.told = append(s.script.told, text)
	}
}
func (s *script) Behind(c *Conn, b Behind) {
	s.behind = append(s.behind, fmt.Sprintf("behind @%d %d @%d end @%d RST %t", c.Ordinal(), b.Octets, b.First.Ordinal, b.End.Ordinal, b.Reset))
}
func (s scriptSink) Conflict(d Dir, at At, offset uint64, first, second []byte) {
	s.write(d, at, fmt.Sprintf("conflict %d %s %s", offset, first, second))
}

// transcript brings a wanted transcript into the form of run's.
func transcript(text string) string {
	var lines []string
	for _, line := range strings.Split(text, "\n") {
		if words := strings.Fields(line); len(words) > 0 {
			lines = append(lines, strings.Join(words, " "))
		}
	}
	return strings.Join(lines, "\n")
}
