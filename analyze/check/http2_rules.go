package check

import (
	"fmt"
	"slices"

	"wshake/analyze/event"
	"wshake/analyze/http2"
)

var checkH2RuleBroken = Check{
	ID: "H2-11", Name: "h2-rule-broken", Level: event.Error, Fault: event.NoFault,
	Citation: "RFC 9113 §4.2, §4.3, §5.1.1, §6, RFC 8441 §3",
	When: "on a connection with a WebSocket a side sent more than a window allows, let one grow by nothing or " +
		"beyond 2^31-1, sent a forbidden setting, or took SETTINGS_ENABLE_CONNECT_PROTOCOL back; or, on a " +
		"connection that was read from its beginning without a loss, it sent a frame of a forbidden length, on a " +
		"forbidden stream or with more padding than payload, a header block with another frame inside or that " +
		"cannot be decoded, or a request on a stream that is not new",
	Description: "Frames, header compression, flow control and settings are common to the whole connection. Who " +
		"breaks their rules is answered with RST_STREAM or GOAWAY (PROTOCOL_ERROR, FRAME_SIZE_ERROR, " +
		"COMPRESSION_ERROR, FLOW_CONTROL_ERROR), and that ends one WebSocket or all of them, though nothing is " +
		"wrong with their frames. Windows overflow where a receiver counts data twice or adds to a window that is " +
		"full already; they are exceeded where a sender does not count padding or forgets the window of the " +
		"connection; a setting is taken back by a proxy that is reloaded with another one. Header blocks that are " +
		"torn or cannot be decoded, and streams out of order, come from programs that write to one connection from " +
		"several threads without a lock.",
	Advice: "the peer that is named breaks HTTP/2 itself: bring its HTTP/2 library or proxy up to date, and report " +
		"it there with this packet",
	Streams: h2RuleBroken,
}

// h2Judged are the rules of HTTP/2 that are judged always: nothing that may be missing changes what is read of them.
var h2Judged = []http2.FaultKind{
	http2.FaultIncrement, http2.FaultWindow, http2.FaultFlow, http2.FaultSetting, http2.FaultWithdrawn,
}

func h2RuleBroken(t *Streams, report Report) {
	f := t.Fault
	if f == nil || f.Kind.Fatal() || !f.Sure && !slices.Contains(h2Judged, f.Kind) {
		return
	}
	where := "the connection"
	if f.Stream > 0 {
		where = fmt.Sprintf("stream %d", f.Stream)
	}
	d := Detail{At: f.At, Fault: event.FaultOf(f.From), Citation: f.Kind.Section()}
	switch f.Kind {
	case http2.FaultIncrement:
		d.Seen, d.Wanted = "0", "an increment of 1 to 2^31-1"
		d.Text = fmt.Sprintf("the WINDOW_UPDATE of the %s lets the window of %s grow by 0", f.From, where)
	case http2.FaultWindow:
		d.Wanted = "a window of at most 2147483647 octets"
		d.Text = fmt.Sprintf("the WINDOW_UPDATE of the %s lets the window of %s grow beyond 2^31-1", f.From, where)
	case http2.FaultFlow:
		d.Seen, d.Wanted = fmt.Sprintf("%d octets", f.Sent), fmt.Sprintf("at most %d octets", max(f.Bound, 0))
		d.Text = fmt.Sprintf("the %s sent a DATA frame of %d octets where the window of %s allowed %d",
			f.From, f.Sent, where, max(f.Bound, 0))
	case http2.FaultSetting:
		d.Wanted = "a value that the setting allows"
		d.Text = fmt.Sprintf("the SETTINGS of the %s have a value that the setting does not allow", f.From)
	case http2.FaultWithdrawn:
		d.Seen, d.Wanted = "SETTINGS_ENABLE_CONNECT_PROTOCOL=0", "no 0 after 1"
		d.Text = "the server took SETTINGS_ENABLE_CONNECT_PROTOCOL=1 back with 0"
	default:
		h2Frame(f, where, &d)
	}
	report(d)
}

// h2Frame says which rule about frames and header blocks was broken.
func h2Frame(f *http2.Fault, where string, d *Detail) {
	frame := fmt.Sprintf("%s on %s", f.Frame, where)
	switch f.Kind {
	case http2.FaultFirstFrame:
		d.Seen, d.Wanted = frame, "SETTINGS"
		d.Text = fmt.Sprintf("the first frame of the %s is %s, not SETTINGS", f.From, frame)
	case http2.FaultFrameSize:
		d.Seen, d.Wanted = fmt.Sprintf("%d octets", f.Sent), "the length that RFC 9113 §6 gives for this type"
		d.Text = fmt.Sprintf("the %s sent %s with a payload of %d octets, which is not a length of this type",
			f.From, frame, f.Sent)
		if f.Bound > 0 {
			d.Wanted = fmt.Sprintf("at most %d octets", f.Bound)
			d.Text = fmt.Sprintf("the %s sent %s with a payload of %d octets; the %s takes at most %d "+
				"(SETTINGS_MAX_FRAME_SIZE)", f.From, frame, f.Sent, f.From.Other(), f.Bound)
		}
	case http2.FaultStreamZero:
		d.Seen, d.Wanted = "stream 0", "the number of a stream"
		d.Text = fmt.Sprintf("the %s sent %s on stream 0, which is the connection itself", f.From, f.Frame)
	case http2.FaultStreamNotZero:
		d.Seen, d.Wanted = where, "stream 0"
		d.Text = fmt.Sprintf("the %s sent %s, which belongs to the connection and so to stream 0", f.From, frame)
	case http2.FaultStreamOrder:
		d.Seen, d.Wanted = where, fmt.Sprintf("an odd number above %d", f.Bound)
		d.Text = fmt.Sprintf("the client sent a request on %s, though it had one on stream %d before", where, f.Bound)
		if f.Stream&1 == 0 {
			d.Wanted = "an odd number"
			d.Text = fmt.Sprintf("the client sent a request on %s: even numbers are the server's", where)
		}
	case http2.FaultContinuation:
		d.Seen, d.Wanted = frame, "CONTINUATION right after the HEADERS or PUSH_PROMISE that it continues"
		d.Text = fmt.Sprintf("the %s sent %s, and no header block before it goes on there", f.From, frame)
		if f.Block > 0 {
			d.Text = fmt.Sprintf("the %s sent %s where the header block on stream %d was to go on", f.From, frame,
				f.Block)
		}
	case http2.FaultPadding:
		d.Seen, d.Wanted = fmt.Sprintf("a payload of %d octets", f.Sent), "padding that is shorter than the payload"
		d.Text = fmt.Sprintf("the %s sent %s with more padding than payload", f.From, frame)
	case http2.FaultCompression:
		d.Seen, d.Wanted = f.Err.Error(), "a header block that can be decoded"
		d.Text = fmt.Sprintf("the header block of the %s on %s cannot be decoded (%s), nor any that it sends later",
			f.From, where, f.Err)
	case http2.FaultPush:
		d.Seen, d.Wanted = frame, "promises of the server only"
		d.Text = fmt.Sprintf("the client sent %s: only a server may promise a stream", frame)
	}
}
