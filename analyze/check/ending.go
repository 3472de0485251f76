package check

import (
	"fmt"
	"time"

	"wshake/analyze/event"
)

// Ending is a WebSocket conversation at its end.
type Ending struct {
	At     event.At // the packet that ended it
	Ended  event.Ended
	By     event.Opt[event.Side]
	Closes [2]Closing  // by side
	Ends   [2]event.At // the packet that ended each side's octets
	// Whole says, by side, that every octet of that side was captured and read as frames: what was not seen was not sent.
	Whole [2]bool
	Last  Past // the last frame of either side
	// Start is the packet that completed the handshake, Midstream that it was not captured.
	Start      event.At
	Midstream  bool
	Unfinished [2]Unfinished
	Pings      [2]Ping // by side: its newest ping, if it was not answered
}

// Closing is the first Close frame of a side.
type Closing struct {
	Seen bool
	Code uint16
	At   event.At
	// PeerEnded says that its packet acknowledges the end of the other side's octets, wherever that was captured.
	PeerEnded bool
	// PeerWentOn says that the other side sent a frame after it had received this Close.
	PeerWentOn bool
}

// Unfinished is what a side had begun when it ended.
type Unfinished struct {
	Header  bool // it had sent the beginning of a frame's header
	Frame   bool
	Message bool
	Opcode  event.Opcode
	Length  uint64 // of the frame, octets
	Have    uint64 // of the header, frame or message, octets
	At      event.At
}

// Ping is a ping that was not answered.
type Ping struct {
	Open bool
	At   event.At
	// Later counts the other side's frames after it, LaterAt is the last of them.
	Later   int
	LaterAt event.At
}

// Ending judges the end of a conversation.
func (s *Set) Ending(conn *event.Conn, e *Ending) []*event.Finding {
	return s.selected(s.run(stageEnding, conn, func(c *Check, r Report) { c.Ending(e, r) }))
}

// over says that the connection itself ended, not our sight of it.
func (e *Ending) over() bool {
	return e.Ended != event.EndedCaptureEnd && e.Ended != event.EndedTimeout
}

func (e *Ending) how() string {
	how := "TCP was closed (FIN)"
	if e.Ended == event.EndedReset {
		how = "TCP was reset (RST)"
	}
	if e.By.Known {
		how += fmt.Sprintf(" by the %s", e.By.Value)
	}
	return how
}

// idle is the silence before the end: since the last frame, or since the handshake where there was none.
func (e *Ending) idle() time.Duration {
	since := e.Start.Time
	if e.Last.Size > 0 {
		since = e.Last.At.Time
	}
	if since == 0 {
		return 0
	}
	return time.Duration(max(e.At.Time-since, 0)) // frames may cross with a FIN
}

func (e *Ending) noClose() bool {
	return !e.Closes[event.Client].Seen && !e.Closes[event.Server].Seen && e.Whole[event.Client] && e.Whole[event.Server]
}

func pingUnanswered(e *Ending, report Report) {
	for side := range e.Pings {
		from, p := event.Side(side), &e.Pings[side]
		to := from.Other()
		if !p.Open || !e.Whole[to] || e.Closes[to].Seen && e.Closes[to].At.Ordinal < p.At.Ordinal {
			continue
		}
		if p.Later < 2 && p.LaterAt.Time-p.At.Time < int64(time.Second) {
			continue // too soon to tell
		}
		report(Detail{At: p.At, Fault: event.FaultOf(to), Text: fmt.Sprintf("the %s never answered the %s's ping, though it sent %s after it",
			to, from, count(p.Later, "more frame")), Seen: "no pong", Wanted: "a pong with the same payload"})
	}
}

func messageUnfinished(e *Ending, report Report) {
	if !e.over() {
		return
	}
	for side := range e.Unfinished {
		u := &e.Unfinished[side]
		switch {
		case u.Header:
			report(Detail{At: u.At, Text: fmt.Sprintf("the connection ended inside the header of a frame from the %s, of which %s came", event.Side(side), octets(u.Have)), Seen: octets(u.Have)})
		case u.Frame:
			report(Detail{At: u.At, Text: fmt.Sprintf("the connection ended inside the %s's %s frame, after %d of %s", event.Side(side), u.Opcode, u.Have, octets(u.Length)),
				Seen: fmt.Sprint(u.Have), Wanted: fmt.Sprint(u.Length)})
		case u.Message:
			report(Detail{At: u.At, Text: fmt.Sprintf("the connection ended inside the %s's fragmented %s message, after %s", event.Side(side), u.Opcode, octets(u.Have))})
		}
	}
}

func closeUnanswered(e *Ending, report Report) {
	for side := range e.Closes {
		from := event.Side(side)
		to := from.Other()
		c := &e.Closes[from]
		if !c.Seen || e.Closes[to].Seen || !e.Whole[to] || !e.over() {
			continue
		}
		if c.PeerEnded || e.Ends[to].Ordinal < c.At.Ordinal {
			continue // it had ended its side before
		}
		late := e.Ends[to].Time - c.At.Time
		ended := e.By.Known && e.By.Value == to && e.Ended == event.EndedFIN
		due := int64(time.Second)
		if c.PeerWentOn { // though what it sent may have crossed with the Close
			due = int64(200 * time.Millisecond)
		}
		if !ended && late < due {
			continue
		}
		report(Detail{At: c.At, Fault: event.FaultOf(to), Text: fmt.Sprintf("the %s never answered the %s's Close with its own in the %s until its side ended; %s", to, from, span(late), e.how()),
			Seen: "no Close", Wanted: "a Close frame"})
	}
}

func closeMissing(e *Ending, report Report) {
	if !e.over() || !e.noClose() {
		return
	}
	d := Detail{At: e.At, Seen: e.how(), Wanted: "a Close frame from each side"}
	switch {
	case e.Last.Size == 0 && !e.Midstream && e.By.Known && e.By.Value == event.Client && e.idle() < 200*time.Millisecond:
		d.Text = fmt.Sprintf("%s %s after the 101 without a single frame: the client did not accept the handshake", e.how(), span(int64(e.idle())))
		d.Advice = "see the findings on the handshake; browsers also fail it when they offered subprotocols and none was selected"
	case e.Ended == event.EndedReset && e.By.Known && e.Last.Size > 0 && e.Last.From != e.By.Value && e.idle() < 50*time.Millisecond:
		d.Text = fmt.Sprintf("%s without a Close, %s after %s, which it may have rejected", e.how(), span(int64(e.idle())), e.Last)
	default:
		d.Text = fmt.Sprintf("%s without a Close from either side, after %s of silence", e.how(), span(int64(e.idle())))
	}
	report(d)
}

// roundIdle are the time-outs that proxies and load balancers come with, and who is known for them.
var roundIdle = []struct {
	seconds int64
	who     string
}{
	{30, "some load balancers"}, {60, "nginx (proxy_read_timeout), AWS ALB and Apache"}, {100, "Cloudflare"}, {120, "some load balancers"},
	{270, "Cloudflare's gateway"}, {300, "many proxies (Envoy's idle time-out)"}, {600, "some gateways"}, {3600, "HAProxy and others where raised to an hour"},
}

func idleTimeout(e *Ending, report Report) {
	if !e.over() || !e.noClose() {
		return
	}
	idle := e.idle()
	for _, r := range roundIdle {
		round := time.Duration(r.seconds) * time.Second
		if off := idle - round; off < -round/50 || off > round/50 {
			continue
		}
		report(Detail{At: e.At, Text: fmt.Sprintf("%s after %s of silence, the idle time-out of %s", e.how(), span(int64(idle)), r.who),
			Seen:   fmt.Sprintf("%s of silence", span(int64(idle))),
			Wanted: fmt.Sprintf("a ping more often than every %d s, or a longer time-out", r.seconds),
			Advice: fmt.Sprintf("send a ping every %d s, or raise the time-out; nginx: proxy_read_timeout 1h; HAProxy: timeout tunnel 1h; Apache: ProxyTimeout; Envoy: idle_timeout of the route", r.seconds/2)})
	}
}
