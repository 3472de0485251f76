package check

import (
	"fmt"
	"wshake/analyze/event"
	"wshake/analyze/ws"
)

// The header of a frame: RFC 6455 §5.2, RFC 7692 §6.

var checkRsvUnnegotiated = Check{
	ID: "FRM-03", Name: "rsv-unnegotiated", Level: event.Error, Fault: event.NoFault, Citation: "RFC 6455 §5.2",
	When: "an RSV bit is set that no accepted extension defines",
	Description: "The three RSV bits belong to extensions, and a receiver must fail the connection when one is " +
		`set that no accepted extension defines: Chrome prints "One or more reserved bits are on", the Node ` +
		`library ws "RSV1 must be clear". RSV1 alone, on a first frame c1 or c2, is compression that was not ` +
		"agreed: the sender compresses anyway, or a proxy dropped Sec-WebSocket-Extensions on one leg. If RSV2, " +
		"RSV3 or reserved opcodes turn up as well, the stream has lost step: a wrong length, two writers at " +
		"once, or octets that are no frames.",
	Advice: "for RSV1, compare Sec-WebSocket-Extensions of the 101 on both legs, and compress only what " +
		"was accepted; for other bits look at the frames just before for a wrong length or a second writer",
	Follows: []string{"proxy-changed-handshake", "not-websocket"},
	Frame:   rsvUnnegotiated,
}

var rsvUnnegotiated = odd(ws.OddRSV, func(f *Frame) Detail {
	return Detail{
		Text: fmt.Sprintf("has %s set, which no accepted extension defines", rsv(f.RSV)), Seen: rsv(f.RSV),
		Wanted: "RSV bits that no extension defines are 0",
	}
})

var checkRsv1Misplaced = Check{
	ID: "FRM-04", Name: "rsv1-misplaced", Level: event.Error, Fault: event.NoFault, Citation: "RFC 7692 §6",
	When: "RSV1 is set on a continuation or control frame under permessage-deflate",
	Description: "Under permessage-deflate RSV1 marks a message as compressed, once, on its first frame; " +
		`control frames are never compressed. Receivers close with 1002 (the Node library ws: "RSV1 must be ` +
		`clear"). The cause is a sender that compresses or marks every fragment, as the older deflate-frame ` +
		"extensions did.",
	Advice: "set RSV1 on the first frame of a compressed message only, never on a continuation, Close, " +
		"Ping or Pong",
	Frame: rsv1Misplaced,
}

var rsv1Misplaced = odd(ws.OddRSV1Continuation|ws.OddRSV1Control, func(f *Frame) Detail {
	return Detail{
		Text: "has RSV1 set, which marks only the first frame of a message", Seen: rsv(f.RSV),
		Wanted: "RSV1 0 on continuation and control frames",
	}
})

var checkOpcodeReserved = Check{
	ID: "FRM-05", Name: "opcode-reserved", Level: event.Error, Fault: event.NoFault, Citation: "RFC 6455 §5.2",
	When: "a frame has an opcode from 3 to 7 or B to F",
	Description: "The opcodes 3 to 7 and B to F have no meaning, and a receiver must fail the connection; " +
		`Chrome prints "Unrecognized frame opcode". Hardly any program sends them on purpose. They mostly show ` +
		"that the stream has lost step, so that payload is read as a header: a wrong length, two writers at " +
		"once, or octets of another protocol.",
	Advice: "send only the opcodes 0, 1, 2, 8, 9 and A; if others appear after good frames, look just " +
		"before them for a wrong length or for octets written between frames",
	Follows: []string{"not-websocket"},
	Frame:   opcodeReserved,
}

var opcodeReserved = odd(ws.OddReservedOpcode, func(f *Frame) Detail {
	return Detail{
		Text: fmt.Sprintf("has the reserved opcode 0x%X", uint8(f.Opcode)),
		Seen: fmt.Sprintf("0x%X", uint8(f.Opcode)), Wanted: "0, 1, 2, 8, 9 or A",
	}
})

var checkLengthNotMinimal = Check{
	ID: "FRM-06", Name: "length-not-minimal", Level: event.Error, Fault: event.NoFault, Citation: "RFC 6455 §5.2",
	When: "a frame writes its length in a longer form than needed",
	Description: "A length up to 125 stands in the second octet, up to 65535 in the 16-bit form, and only above " +
		`that in the 64-bit form. Chrome fails the connection with "Invalid frame header", while many servers ` +
		"take any form, so that such a sender is found out late. The cause is a frame writer that always uses " +
		"one long form.",
	Advice: "write lengths up to 125 in 7 bits, up to 65535 in 16 bits, larger ones in 64 bits",
	Frame:  lengthNotMinimal,
}

var lengthNotMinimal = odd(ws.OddLengthForm, func(f *Frame) Detail {
	return Detail{
		Text: fmt.Sprintf("has its length in the %d-bit form, longer than needed", f.LengthForm),
		Seen: fmt.Sprintf("%d in %d bits", f.Length, f.LengthForm), Wanted: "the shortest form",
	}
})

var checkLengthTopBit = Check{
	ID: "FRM-07", Name: "length-top-bit", Level: event.Error, Fault: event.NoFault, Citation: "RFC 6455 §5.2",
	When: "a 64-bit payload length has its top bit set",
	Description: "A 64-bit length must be below 2^63. No real frame is so long. The length may be written " +
		"in the wrong byte order, or payload may be read as a header because an earlier length was wrong. It may " +
		"also be an attack on parsers that read lengths as signed numbers, as Wireshark once did " +
		"(CVE-2013-3562). Receivers close with 1002 or 1009.",
	Advice: "write the 64-bit length with its most significant octet first; if that is done, look at the " +
		"frames before for a length that does not match its payload",
	Frame: lengthTopBit,
}

var lengthTopBit = odd(ws.OddTopBit, func(f *Frame) Detail {
	return Detail{
		Text: "has the top bit of its 64-bit length set", Seen: fmt.Sprintf("%#x", f.Length),
		Wanted: "a length below 2^63",
	}
})
