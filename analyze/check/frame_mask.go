package check

import (
	"fmt"
	"wshake/analyze/event"
	"wshake/analyze/ws"
)

// The mask of a frame: RFC 6455 §5.1, §5.3.

var checkClientFrameUnmasked = Check{
	ID: "FRM-01", Name: "client-frame-unmasked", Level: event.Error, Fault: event.ClientFault,
	Citation: "RFC 6455 §5.1",
	When:     "a client sends a frame without a mask",
	Description: "Clients mask every frame with a key of their own, so that a script in a browser cannot choose " +
		"the octets on the wire and fool a proxy that takes them for HTTP. A server must close the connection: " +
		`the Node library ws with 1002 "MASK must be set", gorilla/websocket with "incorrect mask flag". Causes ` +
		"are hand-written clients, and libraries that forget the mask on Pong or Close alone " +
		"(vapor/websocket-kit#26). Some systems leave it out by agreement, as NATS can between its servers; no " +
		"extension allows it.",
	Advice: "set MASK and a fresh key on every frame of a client, Ping, Pong and Close included, also " +
		"where the payload is empty",
	Frame: maskBit(event.Client, "is not masked", "MASK 0", "MASK 1 on every frame of a client"),
}

var checkServerFrameMasked = Check{
	ID: "FRM-01", Name: "server-frame-masked", Level: event.Error, Fault: event.ServerFault, Citation: "RFC 6455 §5.1",
	When: "a server sends a frame with a mask",
	Description: `Frames of a server are never masked. Browsers close the connection; Chrome prints "A server ` +
		`must not mask any frames that it sends to the client." The cause is one frame writer used for both ` +
		"roles (vapor/websocket-kit#70), or a relay that passes a client's frames on as they came.",
	Advice: "send frames of a server with MASK 0 and without a key; put the library into its server role",
	Frame:  maskBit(event.Server, "is masked", "MASK 1", "MASK 0 on every frame of a server"),
}

// maskBit makes the two checks of the mask bit (RFC 6455 §5.1).
func maskBit(side event.Side, text, seen, wanted string) func(*Frame, Report) {
	check := odd(ws.OddMask, func(f *Frame) Detail { return Detail{Text: text, Seen: seen, Wanted: wanted} })
	return func(f *Frame, report Report) {
		if f.From == side {
			check(f, report)
		}
	}
}

var checkMaskPredictable = Check{
	ID: "FRM-02", Name: "mask-predictable", Level: event.Warning, Fault: event.ClientFault,
	Citation: "RFC 6455 §5.3, §10.3",
	When:     "8 frames or more have masking keys that are equal or count, or 2 have keys of zero",
	Description: "Masking protects only if the masking key cannot be foreseen: else a script can choose its " +
		"payload so that the masked octets are what it wants to plant in a proxy or cache. Receivers cannot tell " +
		"and nothing fails. Usual causes are a zero key that saves the work of masking, a constant left over " +
		"from a test, and a counter. One such key proves nothing; the check waits for two zero keys in a row, or " +
		"for eight that are equal or count.",
	Advice: "draw every masking key from a cryptographic random source; Node ws: do not set generateMask",
	Frame:  maskPredictable,
}

var maskPredictable = odd(ws.OddKeyZero|ws.OddKeyConstant|ws.OddKeyCounting, func(f *Frame) Detail {
	nth, how := "eighth", "counts up"
	switch {
	case f.Odd.Has(ws.OddKeyZero):
		nth, how = "second", "is all zero"
	case f.Odd.Has(ws.OddKeyConstant):
		how = "is always the same"
	}
	return Detail{
		Text: fmt.Sprintf("is the %s in a row whose masking key %s: %x", nth, how, f.Key),
		Seen: fmt.Sprintf("%x", f.Key), Wanted: "a fresh, unpredictable key for every frame",
	}
})
