package reassembly

import "testing"

// A timer of a direction that has ended meanwhile is stopped when it is due: else it would be due for ever.
func TestEndedDirectionKeepsNoTimer(t *testing.T) {
	s := newScript(Config{})
	s.run(t, "> SYN 0\n< SYN 0 ack 1\n> 1 ack 1 GET\n< 3 ack 4 FIN") // two octets before the FIN are missing
	if len(s.table.timers) != 1 {
		t.Fatalf("%d timers", len(s.table.timers))
	}
	d := s.table.timers[0]
	d.conn.sender[d.side].ended = EndReset
	d.conn.next[d.side] = d.pendingEnd.seq
	s.table.clock.advance(d.deadline + 1)
	s.table.giveUp(d)
	if len(s.table.timers) != 0 {
		t.Error("the timer is left")
	}
}
