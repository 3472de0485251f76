package http2

// FaultKind is a rule of HTTP/2 that a peer broke.
type FaultKind uint8

const (
	FaultNone          FaultKind = iota
	FaultPreface                 // the client does not begin with its preface; nothing of it is read
	FaultForeign                 // text of HTTP/1.x where a frame should begin; nothing behind it is read
	FaultDesync                  // frame headers that make no sense; nothing behind them is read
	FaultFirstFrame              // the first frame is not SETTINGS
	FaultFrameSize               // a length that the type of the frame or the other side does not allow
	FaultStreamZero              // a frame of a stream on stream 0
	FaultStreamNotZero           // a frame of the connection on a stream
	FaultStreamOrder             // a request on a stream that is not new, or whose number is even
	FaultContinuation            // CONTINUATION without a header block, or something else inside of one
	FaultPadding                 // more padding than payload
	FaultCompression             // a header block that cannot be decoded
	FaultIncrement               // a window that grows by nothing
	FaultWindow                  // a window that grows beyond 2^31-1
	FaultFlow                    // more DATA than the window allows
	FaultSetting                 // a value that the setting does not allow
	FaultWithdrawn               // the server takes back that it allows extended CONNECT
	FaultPush                    // a promise of the client
	faults
)

// faultRules says what was seen and which section forbids it.
var faultRules = [faults]struct{ text, section string }{
	FaultPreface:       {"the connection preface is not the client's first octets", "RFC 9113 §3.4"},
	FaultForeign:       {"text of HTTP/1.x inside a connection of HTTP/2", "RFC 9113 §3.4"},
	FaultDesync:        {"what should be frames makes no sense", "RFC 9113 §4.1"},
	FaultFirstFrame:    {"the first frame is not SETTINGS", "RFC 9113 §3.4"},
	FaultFrameSize:     {"a frame has a length that is not allowed", "RFC 9113 §4.2"},
	FaultStreamZero:    {"a frame that belongs to a stream is on stream 0", "RFC 9113 §5.1.1"},
	FaultStreamNotZero: {"a frame that belongs to the connection is on a stream", "RFC 9113 §6"},
	FaultStreamOrder:   {"a request is on a stream that is not new", "RFC 9113 §5.1.1"},
	FaultContinuation:  {"the frames of a header block do not follow each other", "RFC 9113 §6.10"},
	FaultPadding:       {"a frame has more padding than payload", "RFC 9113 §6.1"},
	FaultCompression:   {"a header block cannot be decoded", "RFC 9113 §4.3"},
	FaultIncrement:     {"a flow-control window grows by nothing", "RFC 9113 §6.9"},
	FaultWindow:        {"a flow-control window grows beyond 2^31-1", "RFC 9113 §6.9.1"},
	FaultFlow:          {"more DATA than the flow-control window allows", "RFC 9113 §6.9.1"},
	FaultSetting:       {"a setting has a value that is not allowed", "RFC 9113 §6.5.2"},
	FaultWithdrawn:     {"SETTINGS_ENABLE_CONNECT_PROTOCOL is 0 after it was 1", "RFC 8441 §3"},
	FaultPush:          {"the client promises a stream", "RFC 9113 §8.4"},
}

// String says what was seen.
func (k FaultKind) String() string { return faultRules[k].text }

// Section is the rule.
func (k FaultKind) Section() string { return faultRules[k].section }

// Fatal says that nothing behind it is read of the direction.
func (k FaultKind) Fatal() bool { return k == FaultPreface || k == FaultForeign || k == FaultDesync }

// Fault is a rule that a peer broke. A kind is told once of a side.
type Fault struct {
	Kind   FaultKind
	From   Side
	At     At
	Frame  Type   // of the frame at fault, where it is not Fatal
	Stream uint32 // likewise; 0 where the whole connection is concerned
	Sent   uint32 // octets of its payload
	// Bound is what the rule allowed: with FaultFlow the octets that the window had left; with FaultFrameSize the
	// longest payload that the other side takes, 0 where the type itself does not allow the length; with
	// FaultStreamOrder the newest stream before.
	Bound int64
	Block uint32 // with FaultContinuation: the stream of the header block that is not over, 0 where none is begun
	// Sure says that the direction was read from its beginning without a gap, and that nothing of the other side
	// waits to be read that may allow what was sent.
	Sure   bool
	Err    error  // with FaultCompression: why
	Octets []byte // if Fatal: what stands there, at most 64 octets; borrowed
}

// Connection says whether the rule concerns the whole connection: the receiver then closes that (RFC 9113 §5.4.1).
func (f *Fault) Connection() bool {
	switch f.Kind {
	case FaultFrameSize: // §4.2: of DATA and PRIORITY it ends their stream only
		return f.Stream == 0 || f.Frame != TypeData && f.Frame != TypePriority
	case FaultIncrement, FaultWindow, FaultFlow:
		return f.Stream == 0
	}
	return true
}
