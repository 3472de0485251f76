package http2

import (
	"bytes"
	"encoding/binary"
)

// framer writes frames, allowed or not.
type framer struct{ wire bytes.Buffer }

func (f *framer) frame(t Type, flags Flags, stream uint32, payload ...[]byte) {
	p := bytes.Join(payload, nil)
	f.wire.Write([]byte{byte(len(p) >> 16), byte(len(p) >> 8), byte(len(p)), byte(t), byte(flags)})
	f.wire.Write(number(stream))
	f.wire.Write(p)
}

func number(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

func ending(end bool) Flags {
	if end {
		return FlagEndStream
	}
	return 0
}

func (f *framer) data(stream uint32, end bool, p []byte) { f.frame(TypeData, ending(end), stream, p) }

func (f *framer) padded(stream uint32, end bool, p []byte, padding int) {
	f.frame(TypeData, ending(end)|FlagPadded, stream, []byte{byte(padding)}, p, make([]byte, padding))
}

func (f *framer) settings(list ...Setting) {
	var p []byte
	for _, s := range list {
		p = binary.BigEndian.AppendUint16(p, uint16(s.ID))
		p = binary.BigEndian.AppendUint32(p, s.Value)
	}
	f.frame(TypeSettings, 0, 0, p)
}

func (f *framer) acknowledge() { f.frame(TypeSettings, FlagAck, 0) }

func (f *framer) ping() { f.frame(TypePing, 0, 0, make([]byte, 8)) }

func (f *framer) rstStream(stream uint32, code ErrorCode) {
	f.frame(TypeRSTStream, 0, stream, number(uint32(code)))
}

func (f *framer) goAway(last uint32, code ErrorCode, debug string) {
	f.frame(TypeGoAway, 0, 0, number(last), number(uint32(code)), []byte(debug))
}

func (f *framer) windowUpdate(stream, n uint32) { f.frame(TypeWindowUpdate, 0, stream, number(n)) }

func (f *framer) continuation(stream uint32, last bool, fragment []byte) {
	flags := Flags(0)
	if last {
		flags = FlagEndHeaders
	}
	f.frame(TypeContinuation, flags, stream, fragment)
}
