package check

import (
	"fmt"
	"time"

	"wshake/analyze/event"
)

// Transport is what TCP tells of a connection at its end.
type Transport struct {
	At    event.At      // the last packet
	Sides [2]SentOctets // by the side that sent the octets
}

// SentOctets is what became of the octets of one side.
type SentOctets struct {
	// Repeated is how often octets were sent again that were never acknowledged, 0 if there are none.
	Repeated    int
	First, Last event.At // the packets that repeated them
	Octets      uint64   // how many were not acknowledged
	Size        int      // payload octets of the segment that was repeated
	Through     int      // of the largest segment that was acknowledged
	// Heard says that the other side still sent something behind First.
	Heard bool

	// Probes is how many keep-alive probes of this side were not answered; ProbeFirst and ProbeLast are their packets.
	Probes                int
	ProbeFirst, ProbeLast event.At

	// Stalled is how long the other side's window was 0 while this side had octets to send, 0 if never.
	Stalled    time.Duration
	StallSince event.At
	StallUntil event.At
	StallOpen  bool // it stayed 0 as far as was captured
}

// Transport judges what TCP tells.
func (s *Set) Transport(conn *event.Conn, t *Transport) []*event.Finding {
	return s.selected(s.run(stageTransport, 0, conn, func(c *Check, r Report) { c.Transport(t, r) }))
}

const (
	// repeatedOften is how many retransmissions of the same octets are no accident.
	repeatedOften = 3
	// stalledLong is how long a receiver that is only busy may take nothing.
	stalledLong = 10 * time.Second
)

var checkPeerSilent = Check{
	ID: "TCP-01", Name: "peer-silent", Level: event.Warning, Fault: event.NoFault,
	Citation: "RFC 9293 §3.8.1, §3.8.4",
	When:     "octets were sent again and again and never acknowledged, or keep-alive probes were not answered",
	Description: "TCP sends octets again until they are acknowledged, and gives up after minutes. Where nothing comes back, " +
		"the other host has vanished (crashed, suspended, moved to another network), or a middlebox has forgotten the " +
		"connection. Where the other host still sends, but large segments are never acknowledged and small ones are, " +
		"the path loses large packets: its MTU is smaller than the hosts believe, and the ICMP messages that would say so " +
		"are filtered (a path MTU black hole, common in tunnels, VPN and overlay networks). A missing Close or answer is then " +
		"a consequence.",
	Advice: "find out what happened to the host or the path at that time; if only large segments are lost, lower the MTU or " +
		"clamp the MSS on the tunnel, and let ICMP \"fragmentation needed\" and \"packet too big\" through",
	Transport: peerSilent,
}

func peerSilent(t *Transport, report Report) {
	for side := range t.Sides {
		s, from, to := &t.Sides[side], event.Side(side), event.Side(side).Other()
		switch {
		case s.windowClosed(): // the other host is there, and its program does not read: see receiver-stalled
		case s.Repeated >= repeatedOften:
			text := fmt.Sprintf("the %s sent %s again %d times (packets %d to %d), and the %s never acknowledged them",
				from, count(s.Size, "octet"), s.Repeated, s.First.Number, s.Last.Number, to)
			advice := ""
			switch {
			case s.Heard && s.Through < s.Size:
				text += fmt.Sprintf(", though it still sent; %s: the path may lose larger packets (path MTU)", s.through())
			case s.Heard:
				text += ", though it still sent"
			case s.Through > 0 && s.Size >= largeSegment && s.Through < s.Size:
				text += fmt.Sprintf("; %s: the path may lose larger packets (path MTU), or the host vanished", s.through())
			case s.Size >= largeSegment && s.Through == 0:
				text += ": the host vanished, or the path loses large packets (path MTU)"
			default:
				text += ": the host vanished, or the way to it is broken"
				advice = "find out what happened to the host or the path at that time; let the server send Pings and drop " +
					"clients that do not answer"
			}
			report(Detail{At: s.Last, Text: text, Seen: "no acknowledgement", Wanted: "an acknowledgement", Advice: advice})
		case s.Probes >= repeatedOften:
			report(Detail{
				At: s.ProbeLast,
				Text: fmt.Sprintf("%d TCP keep-alive probes of the %s (packets %d to %d) were not answered by the %s: the host "+
					"vanished, or the way to it is broken", s.Probes, from, s.ProbeFirst.Number, s.ProbeLast.Number, to),
				Seen: "no answer", Wanted: "an acknowledgement",
			})
		}
	}
}

// through says which segments got through.
func (s *SentOctets) through() string {
	if s.Through == 0 {
		return "no smaller one with data was sent before"
	}
	return "the largest segment that got through has " + count(s.Through, "octet")
}

// windowClosed says that what was sent again only asked whether a closed window has opened.
func (s *SentOctets) windowClosed() bool {
	return s.Stalled > 0 && s.StallUntil.Ordinal > s.First.Ordinal && s.StallUntil.Time-s.First.Time >= (s.Last.Time-s.First.Time)/2
}

// largeSegment is from how many payload octets on a segment may be lost for its size: IPv6 needs 1280 octets
// everywhere (RFC 8200 §5).
const largeSegment = 1200

var checkReceiverStalled = Check{
	ID: "TCP-02", Name: "receiver-stalled", Level: event.Warning, Fault: event.NoFault,
	Citation: "RFC 9293 §3.8.6.1",
	When:     "a receiver's window was 0 while octets waited for it: 10 s or more of TCP, 1 s or more of HTTP/2",
	Description: "A window of 0 says that the receiver's buffer is full: its program does not read. The sender may not send, so " +
		"messages, Pings and Close frames wait, and time-outs follow. Causes are a program that blocks in its handler, " +
		"one that stopped reading without closing, and one that is slower than what it subscribed to.",
	Advice: "let the receiver read all the time and do its work elsewhere; let the sender bound what waits for a slow " +
		"receiver, and drop it when the bound is reached",
	Transport: receiverStalled,
	Streams:   streamStalled,
}

func receiverStalled(t *Transport, report Report) {
	for side := range t.Sides {
		s, to := &t.Sides[side], event.Side(side).Other()
		if s.Stalled < stalledLong {
			continue
		}
		end := fmt.Sprintf("until packet %d", s.StallUntil.Number)
		if s.StallOpen {
			end = "as far as was captured"
		}
		report(Detail{
			At: s.StallSince, Fault: event.FaultOf(to),
			Text: fmt.Sprintf("the %s's window was 0 for %s (from packet %d, %s) while the %s had octets to send: it does not read",
				to, s.Stalled.Round(100*time.Millisecond), s.StallSince.Number, end, event.Side(side)),
			Seen: "window 0", Wanted: "a window that opens",
		})
	}
}
