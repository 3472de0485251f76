package check

import (
	"fmt"
	"math/bits"
	"strings"

	"wshake/analyze/event"
	"wshake/analyze/ws"
)

// A frame that is wrong in many ways at once is no frame: what is read as its header is something else.

// headerFaults are the faults of a header that have nothing to do with each other.
const headerFaults = ws.OddRSV | ws.OddReservedOpcode | ws.OddMask | ws.OddTopBit | ws.OddLengthForm | ws.OddControlFragmented

// tooManyFaults is how many of them no program makes in one header.
const tooManyFaults = 3

// BorderLost says that f is no frame: its header breaks three rules at once that have nothing to do with each other.
func BorderLost(f *ws.Frame) bool {
	return bits.OnesCount32(uint32(f.Odd&headerFaults)) >= tooManyFaults
}

// borderLost tells in one finding what each check of a header would tell for itself.
func borderLost(f *Frame, report Report) {
	if !BorderLost(f.Frame) {
		return
	}
	var faults []string
	for _, is := range []struct {
		odd  ws.Odd
		what string
	}{
		{ws.OddRSV, rsv(f.RSV)},
		{ws.OddReservedOpcode, fmt.Sprintf("the reserved opcode 0x%X", uint8(f.Opcode))},
		{ws.OddMask, maskWord(f)},
		{ws.OddTopBit, "a length with its top bit set"},
		{ws.OddLengthForm, "a length in a longer form than needed"},
		{ws.OddControlFragmented, "a control opcode without FIN"},
	} {
		if f.Odd.Has(is.odd) {
			faults = append(faults, is.what)
		}
	}
	report(Detail{
		At: f.First, Fault: event.FaultOf(f.From), Seen: strings.Join(faults, ", "), Wanted: "a frame header",
		Text: fmt.Sprintf("the %s's octets at offset %d cannot be a frame: read as one it has %s; the sender lost the border "+
			"between frames, or a second program writes into the connection; what follows in this direction is not judged",
			f.From, f.Offset, and(faults)),
		Advice: "look just before this offset: for a frame whose announced length is not that of its payload, and for a second " +
			"writer (a log, a proxy, another thread) on the same socket",
	})
}

func maskWord(f *Frame) string {
	if f.Masked {
		return "a mask"
	}
	return "no mask"
}
