package http2

import "wshake/analyze/http2/hpack"

// phase is what a direction takes its next octet for.
type phase uint8

const (
	inPreface phase = iota
	inHeader
	inData    // payload of DATA
	inPayload // of a frame that is read as a whole
	inSkip    // payload that is not read
	inWait    // behind a frame header that waits for a request of the other side; octets are held
	inSearch  // it is not known where frames begin; octets are held
	inForeign // something else stands here: its first octets are kept
	inVain    // nothing is read
)

// half is one direction.
type half struct {
	side     Side
	phase    phase
	begun    bool // the first frame was met
	astray   bool // frames may have been missed right before the one at hand
	strained bool // the last frame header was at fault
	ended    bool
	whole    bool      // it was read from its beginning, without a gap
	maiden   bool      // nothing was read of it yet, and its beginning is taken for missing
	faults   uint32    // kinds that were told
	losses   uint16    // likewise
	matched  int       // octets of the preface
	foreign  FaultKind // inForeign: why

	head        [headerSize]byte
	have        int // octets of head
	frame       Header
	first, last At     // packets of the frame at hand
	left        uint32 // octets of its payload that are to come
	maxFrame    uint32 // what the other side allows
	buf         []byte // its payload, or the first octets of what is foreign
	data        data

	block   block
	decoder hpack.Decoder
	held    pieces
	search  search
}

func (x *half) reset(side Side, l hpack.Limits) {
	decoder := x.decoder
	*x = half{side: side, phase: inHeader, whole: true, maxFrame: defaultMaxFrame, buf: x.buf[:0],
		block: block{octets: x.block.octets[:0]}}
	if side == Client {
		x.phase = inPreface
	}
	decoder.Reset(l)
	x.decoder = decoder
}
