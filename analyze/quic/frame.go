package quic

// FrameType is the type of a frame (RFC 9000 §19).
type FrameType uint64

const (
	framePadding          FrameType = 0x00
	framePing             FrameType = 0x01
	frameACK              FrameType = 0x02
	frameACKECN           FrameType = 0x03
	frameResetStream      FrameType = 0x04
	frameStopSending      FrameType = 0x05
	frameCrypto           FrameType = 0x06
	frameNewToken         FrameType = 0x07
	frameStream           FrameType = 0x08 // to 0x0f
	frameMaxData          FrameType = 0x10
	frameMaxStreamData    FrameType = 0x11
	frameMaxStreamsBidi   FrameType = 0x12
	frameMaxStreamsUni    FrameType = 0x13
	frameDataBlocked      FrameType = 0x14
	frameStreamBlocked    FrameType = 0x15
	frameStreamsBlocked   FrameType = 0x16 // and 0x17
	frameNewConnectionID  FrameType = 0x18
	frameRetireID         FrameType = 0x19
	framePathChallenge    FrameType = 0x1a
	framePathResponse     FrameType = 0x1b
	frameClose            FrameType = 0x1c
	frameCloseApplication FrameType = 0x1d
	frameHandshakeDone    FrameType = 0x1e
	frameImmediateACK     FrameType = 0x1f // draft-ietf-quic-ack-frequency
	frameResetStreamAt    FrameType = 0x24 // draft-ietf-quic-reliable-stream-reset
	frameDatagram         FrameType = 0x30 // RFC 9221
	frameDatagramLength   FrameType = 0x31
	frameACKFrequency     FrameType = 0xaf
)

// The bits of the type of a STREAM frame.
const (
	streamFIN    = 0x01
	streamLength = 0x02
	streamOffset = 0x04
)

// frame is a frame, as far as somebody who only listens needs it. Its octets are borrowed.
type frame struct {
	kind     FrameType
	stream   uint64
	offset   uint64 // of Data; of RESET_STREAM the final size
	data     []byte // of CRYPTO and STREAM; the id of NEW_CONNECTION_ID; the reason of CONNECTION_CLOSE
	fin      bool
	code     uint64 // of an error
	sequence uint64 // of NEW_CONNECTION_ID, RETIRE_CONNECTION_ID
	largest  uint64 // of ACK: the largest packet number acknowledged
}

// parseFrame reads the frame that p, the rest of a packet, begins with. ok is false where it breaks the format or is of
// a type that is not known: nothing behind it can be read.
func parseFrame(p []byte) (f frame, rest []byte, ok bool) {
	r := cursor{p: p, ok: true}
	f.kind = FrameType(r.varint())
	switch f.kind {
	case framePadding:
		n, octets := 0, r.p
		for n < len(octets) && octets[n] == 0 {
			n++
		}
		r.p = octets[n:]
	case framePing, frameHandshakeDone, frameImmediateACK:
	case frameACK, frameACKECN:
		f.largest = r.varint()
		r.varint()
		ranges := r.varint()
		r.varint()
		for ; ranges > 0 && r.ok; ranges-- {
			r.varint()
			r.varint()
		}
		if f.kind == frameACKECN {
			r.varints(3)
		}
	case frameResetStream, frameResetStreamAt:
		f.stream, f.code, f.offset = r.varint(), r.varint(), r.varint()
		if f.kind == frameResetStreamAt {
			r.varint()
		}
	case frameStopSending:
		f.stream, f.code = r.varint(), r.varint()
	case frameCrypto:
		f.offset = r.varint()
		f.data = r.octets(r.varint())
	case frameNewToken:
		r.octets(r.varint())
	case frameMaxData, frameMaxStreamsBidi, frameMaxStreamsUni, frameDataBlocked, frameStreamsBlocked, frameStreamsBlocked + 1:
		r.varint()
	case frameMaxStreamData, frameStreamBlocked:
		r.varints(2)
	case frameNewConnectionID:
		f.sequence = r.varint()
		r.varint()
		if n := r.octets(1); r.ok {
			f.data = r.octets(uint64(n[0]))
		}
		r.octets(16)
		r.ok = r.ok && len(f.data) > 0 && len(f.data) <= maxID
	case frameRetireID:
		f.sequence = r.varint()
	case framePathChallenge, framePathResponse:
		r.octets(8)
	case frameClose:
		f.code = r.varint()
		r.varint()
		f.data = r.octets(r.varint())
	case frameCloseApplication:
		f.code = r.varint()
		f.data = r.octets(r.varint())
	case frameDatagram:
		r.p = nil
	case frameDatagramLength:
		r.octets(r.varint())
	case frameACKFrequency:
		r.varints(4)
	default:
		if f.kind&^7 != frameStream {
			return f, nil, false
		}
		f.stream = r.varint()
		if f.kind&streamOffset != 0 {
			f.offset = r.varint()
		}
		f.fin = f.kind&streamFIN != 0
		if f.kind&streamLength != 0 {
			f.data = r.octets(r.varint())
		} else {
			f.data, r.p = r.p, nil
		}
		f.kind = frameStream
	}
	// No stream is longer (RFC 9000 §4.5, §19.8).
	if f.offset+uint64(len(f.data)) >= 1<<62 {
		return f, nil, false
	}
	return f, r.p, r.ok
}

// cursor reads what a frame is made of. Behind an error it reads zeros.
type cursor struct {
	p  []byte
	ok bool
}

func (r *cursor) varint() (v uint64) {
	if !r.ok {
		return 0
	}
	v, rest, ok := Varint(r.p)
	r.p, r.ok = rest, ok
	return v
}

func (r *cursor) varints(n int) {
	for range n {
		r.varint()
	}
}

func (r *cursor) octets(n uint64) []byte {
	if !r.ok || n > uint64(len(r.p)) {
		r.ok = false
		return nil
	}
	o := r.p[:n:n]
	r.p = r.p[n:]
	return o
}
