package check

import (
	"fmt"
	"time"
	"wshake/analyze/event"
)

// Ending is a WebSocket conversation at its end.
type Ending struct {
	At    event.At // the packet that ended it
	Ended event.Ended
	By    event.Opt[event.Side]
	// ResetCode, Stopped and EndStream are those of event.Connection.
	ResetCode event.Opt[string]
	Stopped   bool
	EndStream bool
	QUIC      bool        // the conversation was carried by a stream of QUIC
	Stream    bool        // by a stream of HTTP/2 or of QUIC
	Closes    [2]Closing  // by side
	Ends      [2]event.At // the packet that ended each side's octets
	// Whole says, by side, that every octet of that side was captured and read as frames: what was not seen was not
	// sent.
	Whole [2]bool
	Last  Past // the last frame of either side
	// Start is the packet that completed the handshake, Midstream that it was not captured.
	Start      event.At
	Midstream  bool
	Unfinished [2]Unfinished
	Pings      [2]Ping // by side: its newest ping, if it was not answered
	// Legal says that every rule of the handshake was checked and holds; Unusual is what is unusual in its answer.
	Legal   bool
	Unusual []string
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
	// Mismatched says that it was answered by Pongs with another payload: pong-mismatch tells.
	Mismatched bool
	// Later counts the other side's frames after it, LaterAt is the last of them.
	Later   int
	LaterAt event.At
}

// Ending judges the end of a conversation.
func (s *Set) Ending(conn *event.Conn, e *Ending) []*event.Finding {
	return s.selected(s.run(stageEnding, e.seen(), conn, func(c *Check, r Report) { c.Ending(e, r) }))
}

// Cut is e for those who compare connections, and whether it is an end without a Close of which every octet was
// captured.
func (e *Ending) Cut(conn *event.Conn) (c event.Abrupt, is bool) {
	if !e.noClose() || e.seen() != Ended|EveryOctet {
		return c, false
	}
	return event.Abrupt{Conn: conn, At: e.At, By: e.By, How: e.how(), Start: e.Start, Midstream: e.Midstream, Idle: int64(e.idle()),
		Age: e.At.Time - e.Start.Time}, true
}

// answer names the answer that opened the conversation: over HTTP/2 and HTTP/3 it is no 101.
func (e *Ending) answer() string {
	if e.Stream {
		return "the answer"
	}
	return "the 101"
}

func (e *Ending) how() string {
	how := "TCP was closed (FIN)"
	frame := resetFrame(e.QUIC, e.Stopped)
	switch {
	case e.Ended == event.EndedStreamReset:
		how = fmt.Sprintf("the stream was reset (%s)", frame)
		if e.ResetCode.Known {
			how = fmt.Sprintf("the stream was reset (%s %s)", frame, e.ResetCode.Value)
		}
	case e.Ended == event.EndedReset && e.QUIC:
		how = "the connection of QUIC was closed with an error (CONNECTION_CLOSE)"
	case e.Ended == event.EndedReset:
		how = "TCP was reset (RST)"
	case e.EndStream && e.QUIC:
		how = "the stream was ended (FIN)"
	case e.EndStream:
		how = "the stream was ended (END_STREAM)"
	case e.QUIC:
		how = "the connection of QUIC was closed (CONNECTION_CLOSE)"
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

// noClose says that neither side sent a Close.
func (e *Ending) noClose() bool {
	return !e.Closes[event.Client].Seen && !e.Closes[event.Server].Seen
}

var checkPingUnanswered = Check{
	ID: "FRM-14", Name: "ping-unanswered", Level: event.Note, Fault: event.NoFault,
	Citation: "RFC 6455 §5.5.2, §5.5.3",
	When:     "a Ping got no Pong before the end, though traffic went on",
	Description: "A Ping must be answered by a Pong with the same payload as soon as is practical; of several, " +
		"only the newest needs an answer, and a Pong that nobody asked for is legal. A peer that checks gives up " +
		`after its time-out, often with Close 1011 "keepalive ping timeout" (Python websockets). Causes are a ` +
		"program that is busy and does not read (gorilla/websocket answers only while the application reads), a " +
		"large upload before the Pong, and a library without Pong. Browsers answer by themselves and show " +
		"neither.",
	Advice: "answer every Ping with a Pong of the same payload, and keep reading while busy: most " +
		"libraries answer only while the program reads",
	Ending: pingUnanswered,
}

func pingUnanswered(e *Ending, report Report) {
	for side := range e.Pings {
		from, p := event.Side(side), &e.Pings[side]
		to := from.Other()
		if !p.Open || p.Mismatched || !e.Whole[to] || e.Closes[to].Seen && e.Closes[to].At.Ordinal < p.At.Ordinal {
			continue
		}
		if p.Later < 2 && p.LaterAt.Time-p.At.Time < int64(time.Second) {
			continue // too soon to tell
		}
		report(Detail{
			At: p.At, Fault: event.FaultOf(to),
			Text: fmt.Sprintf("the %s never answered the %s's ping, though it sent %s after it",
				to, from, count(p.Later, "more frame")),
			Seen: "no pong", Wanted: "a pong with the same payload",
		})
	}
}

var checkMessageUnfinished = Check{
	ID: "FRM-16", Name: "message-unfinished", Level: event.Note, Fault: event.NoFault,
	Citation: "RFC 6455 §5.4, §7.1.7",
	When:     "the stream ended inside a frame or message",
	Description: "The connection ended inside a frame, or with a fragmented message that lacks its last frame. " +
		"What came of it is lost to the receiver. Causes are a process that was killed, a time-out on the way, " +
		"and a receiver that gave up, for instance because the announced length was beyond its limit. It is not " +
		"reported where only the capture ended.",
	Advice: "see who ended the connection: if the receiver, compare the announced length with its limit " +
		"for messages; if the sender, see its log for this time",
	Needs:   Ended,
	Follows: []string{"receiver-stalled"},
	Ending:  messageUnfinished,
}

func messageUnfinished(e *Ending, report Report) {
	for side := range e.Unfinished {
		u := &e.Unfinished[side]
		switch {
		case u.Header:
			report(Detail{
				At: u.At,
				Text: fmt.Sprintf("the connection ended inside the header of a frame from the %s, of which %s came",
					event.Side(side), octets(u.Have)),
				Seen: octets(u.Have),
			})
		case u.Frame:
			report(Detail{
				At: u.At,
				Text: fmt.Sprintf("the connection ended inside the %s's %s frame, after %d of %s",
					event.Side(side), u.Opcode, u.Have, octets(u.Length)),
				Seen: fmt.Sprint(u.Have), Wanted: fmt.Sprint(u.Length),
			})
		case u.Message:
			report(Detail{
				At: u.At,
				Text: fmt.Sprintf("the connection ended inside the %s's fragmented %s message, after %s",
					event.Side(side), u.Opcode, octets(u.Have)),
			})
		}
	}
}

var checkCloseUnanswered = Check{
	ID: "CLS-06", Name: "close-unanswered", Level: event.Warning, Fault: event.NoFault, Citation: "RFC 6455 §5.5.1",
	When: "a Close was never answered though the connection stayed open long enough to",
	Description: "A Close is answered by a Close, usually with the same code, before TCP is ended; a message " +
		"that was begun may be finished first. Without the answer the side that closed waits for its time-out, " +
		"30 s in the Node library ws, holds the connection for that long, and cannot tell whether its last " +
		"messages arrived. Causes are a program that drops the socket when it sees the Close, or that no longer " +
		"reads. It is not reported where the answer may have been missed by the capture.",
	Advice: "answer a Close with a Close of the same code before closing the socket, and keep reading " +
		"until one comes",
	Needs:   Ended,
	Follows: []string{"peer-silent", "receiver-stalled"},
	Ending:  closeUnanswered,
}

func closeUnanswered(e *Ending, report Report) {
	for side := range e.Closes {
		from := event.Side(side)
		to := from.Other()
		c := &e.Closes[from]
		if !c.Seen || e.Closes[to].Seen || !e.Whole[to] {
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
		report(Detail{
			At: c.At, Fault: event.FaultOf(to),
			Text: fmt.Sprintf("the %s never answered the %s's Close with its own in the %s until its side ended; %s",
				to, from, span(late), e.how()),
			Seen: "no Close", Wanted: "a Close frame",
		})
	}
}

var checkCloseMissing = Check{
	ID: "CLS-08", Name: "close-missing", Level: event.Warning, Fault: event.NoFault,
	Citation: "RFC 6455 §7.1.1, §7.1.5",
	When:     "an established connection ended (FIN or RST) with no Close from either side",
	Description: "Both sides then see code 1006 and cannot tell a failure from an end, nor whether the last " +
		"messages arrived. The text says who ended TCP, how, and after what silence. FIN or RST right after the " +
		"101, without a frame, is mostly a client that did not accept the handshake; RST right after a frame is a " +
		"peer that disliked that frame; an end after a silence of round length is a time-out between " +
		"(idle-timeout). Otherwise a process ended or crashed, or a program destroyed its socket (terminate in the " +
		"Node library ws).",
	Advice: "send a Close in every path that ends a connection, shutdown and errors included; if neither " +
		"program ended it, look for the proxy or load balancer between them",
	Needs: Ended | EveryOctet,
	Follows: []string{"peer-silent", "receiver-stalled", "h2-rule-broken", "goaway", "lifetime-limit", "idle-timeout",
		"pong-mismatch", "app-error"},
	Ending: closeMissing,
}

// rejectable are what a client may reject a 101 for.
var rejectable = []string{
	"accept-of-another-key", "accept-mismatch", "accept-missing", "accept-repeated", "response-upgrade", "response-connection",
	"response-http-version", "head-malformed", "response-body-fields", "subprotocol-answer-malformed", "subprotocol-not-offered",
	"extension-not-offered", "extension-accepted-twice", "extension-answer-malformed", "deflate-answer-invalid",
	"deflate-client-window-not-offered", "deflate-server-window", "deflate-server-takeover", "rsv1-conflict", "answer-not-http",
	"unsolicited-101", "subprotocol-unanswered", "extension-answer-repeated", "deflate-client-window-larger", "answer-rejected",
}

func closeMissing(e *Ending, report Report) {
	if !e.noClose() {
		return
	}
	d := Detail{At: e.At, Seen: e.how(), Wanted: "a Close frame from each side"}
	switch {
	case e.By.Known && e.By.Value == event.Client && e.Ended == event.EndedFIN && !e.Midstream && e.At.Ordinal < e.Start.Ordinal:
		end := "FIN"
		if e.EndStream && !e.QUIC {
			end = "END_STREAM"
		}
		d.Text = fmt.Sprintf("the client ended its side (%s, packet %d) before %s in packet %d was sent, and so "+
			"could send no frame",
			end, e.At.Number, e.answer(), e.Start.Number)
		d.Fault = event.ClientFault
		if e.EndStream {
			d.Advice = "send the request without the end of its stream, which is used in both directions from the " +
				"answer on"
			break
		}
		d.Advice = "let the client keep its side of TCP open after the request: no shutdown of writing, no input " +
			"that ends (nc -N, a pipe); then it can send frames and a Close"
	case e.rejectedHandshake():
		d.Text = fmt.Sprintf("%s %s after %s without a single frame: the client did not use the connection",
			e.how(), span(int64(e.idle())), e.answer())
		d.Advice = "see the client's log for why it gave up right after " + e.answer()
		if !e.Legal {
			d.Advice += "; compare " + e.answer() + " with what it asked for"
		}
		d.Follows = rejectable
	case e.Ended == event.EndedReset && e.By.Known && e.Last.Size > 0 && e.Last.From != e.By.Value && e.idle() < 50*time.Millisecond:
		d.Text = fmt.Sprintf("%s without a Close, %s after %s, which it may have rejected",
			e.how(), span(int64(e.idle())), e.Last)
	default:
		d.Text = fmt.Sprintf("%s without a Close from either side, after %s of silence",
			e.how(), span(int64(e.idle())))
	}
	report(d)
}
