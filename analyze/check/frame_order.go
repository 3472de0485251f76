package check

import (
	"fmt"
	"wshake/analyze/event"
	"wshake/analyze/ws"
)

// Control frames, and the order of frames: RFC 6455 §5.4, §5.5.

var checkControlTooLong = Check{
	ID: "FRM-08", Name: "control-too-long", Level: event.Error, Fault: event.NoFault, Citation: "RFC 6455 §5.5",
	When: "a control frame has a payload of more than 125 octets",
	Description: "Close, Ping and Pong carry at most 125 octets, so that a receiver can take them at any time " +
		"in little room. Receivers close with 1002. The usual cause is a long error text put into a Close, whose " +
		"reason has room for 123 octets; another is a Ping used to carry data.",
	Advice: "keep Ping and Pong to 125 octets and the reason of a Close to 123, cut at the border of a " +
		"character; send anything longer as a message",
	Frame: controlTooLong,
}

var controlTooLong = odd(ws.OddControlLong, func(f *Frame) Detail {
	return Detail{
		Text: "is a control frame with more than 125 octets", Seen: fmt.Sprint(f.Length), Wanted: "at most 125",
	}
})

var checkControlFragmented = Check{
	ID: "FRM-08", Name: "control-fragmented", Level: event.Error, Fault: event.NoFault,
	Citation: "RFC 6455 §5.4, §5.5",
	When:     "a control frame has no FIN",
	Description: "Close, Ping and Pong are single frames with FIN set; they may stand between the fragments of " +
		`a message, but are no fragments themselves. Receivers close with 1002 (the Node library ws: "FIN must ` +
		`be set"). The cause is a sender that derives FIN from the message it is in the middle of.`,
	Advice: "set FIN on every Close, Ping and Pong",
	Frame:  controlFragmented,
}

var controlFragmented = odd(ws.OddControlFragmented, func(f *Frame) Detail {
	return Detail{Text: "is a control frame without FIN", Seen: "FIN 0", Wanted: "FIN 1"}
})

var checkContinuationUnexpected = Check{
	ID: "FRM-09", Name: "continuation-unexpected", Level: event.Error, Fault: event.NoFault, Citation: "RFC 6455 §5.4",
	When: "a continuation frame comes while no message is open",
	Description: "A continuation goes on with a message that a text or binary frame began. With none open a " +
		`receiver must fail the connection; Chrome prints "Received unexpected continuation frame." Causes are a ` +
		"first fragment sent with opcode 0, a FIN set too early, and several threads that write to one " +
		"connection so that their fragments mix. Control frames between fragments are legal and do not end the " +
		"message.",
	Advice: "begin every message with text or binary, set FIN on its last frame only, and let one writer " +
		"at a time send a whole message",
	Frame: continuationUnexpected,
}

var continuationUnexpected = odd(ws.OddContinuation, func(f *Frame) Detail {
	return Detail{Text: "continues no message", Seen: "continuation", Wanted: "text or binary"}
})

var checkMessageInterrupted = Check{
	ID: "FRM-09", Name: "message-interrupted", Level: event.Error, Fault: event.NoFault, Citation: "RFC 6455 §5.4",
	When: "a text or binary frame comes while another message is open",
	Description: "Messages of one direction come one after the other: inside a fragmented message only " +
		"continuations and control frames may stand. A receiver must fail the connection; Chrome prints " +
		`"Received start of new message but previous message is unfinished." Causes are several threads that ` +
		"write at once, fragments that all carry the opcode of the message, and a last fragment without FIN. A " +
		"Ping, Pong or Close in between is legal.",
	Advice: "send fragments after the first with opcode 0 and the last with FIN, and let one writer at a " +
		"time send a whole message",
	Frame: messageInterrupted,
}

var messageInterrupted = odd(ws.OddInterrupts, func(f *Frame) Detail {
	return Detail{
		Text: "begins a message though the one before is not finished", Seen: f.Opcode.String(),
		Wanted: "continuation",
	}
})

var checkDataAfterClose = Check{
	ID: "FRM-15", Name: "data-after-close", Level: event.Error, Fault: event.NoFault, Citation: "RFC 6455 §5.5.1",
	When: "a side sends a data frame after its own Close",
	Description: "With its Close a side says that it sends no more; what follows is ignored or breaks the " +
		"closing handshake, so that the data is lost without an error. Causes are a second thread that still " +
		"writes, and a queue that is emptied after the Close. The other side may go on sending until it has " +
		"sent its own Close; that is legal.",
	Advice: "send what is queued before the Close, and refuse to send anything after it",
	Frame:  dataAfterClose,
}

func dataAfterClose(f *Frame, report Report) {
	if !f.Opcode.Control() {
		dataAfterCloseFrame(f, report)
	}
}

var dataAfterCloseFrame = odd(ws.OddAfterClose, func(f *Frame) Detail {
	return Detail{
		Text: fmt.Sprintf("came after the %s's own Close", f.From), Seen: f.Opcode.String(),
		Wanted: "no frame after the own Close",
	}
})
