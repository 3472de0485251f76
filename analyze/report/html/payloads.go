package html

import (
	"bytes"
	"compress/gzip"
	"fmt"

	"wshake/analyze/event"
)

// payloads gathers the octets of all payloads, compressed as they come, up to its limits.
type payloads struct {
	limits     Limits
	compressed bytes.Buffer
	gzip       *gzip.Writer
	size       int
	full       bool // a limit was reached: later payloads are left out
}

func newPayloads(l Limits) *payloads {
	p := &payloads{limits: l}
	p.gzip, _ = gzip.NewWriterLevel(&p.compressed, gzip.DefaultCompression) // the level is valid
	return p
}

// add keeps the payload and says how many octets of it were kept.
func (p *payloads) add(payload *event.Payload) int {
	n := len(payload.Data)
	if !payload.Kept || n == 0 {
		return 0
	}
	if p.full || p.size+n > p.limits.Payload || p.compressed.Len() > p.limits.Compressed {
		p.full = true
		return 0
	}
	p.gzip.Write(payload.Data) // into memory, which does not fail
	p.size += n
	return n
}

// octets gives what was gathered. Nothing can be added after it.
func (p *payloads) octets() []byte {
	p.gzip.Close()
	return p.compressed.Bytes()
}

// known is a payload without unknown octets. A text says in place of them how many there are; of other octets only those before the
// first unknown one are left.
func known(p *event.Payload) *event.Payload {
	if len(p.Unknown) == 0 {
		return p
	}
	shown := *p
	if !p.Text {
		shown.Data, shown.Truncated = p.Data[:p.Unknown[0].Offset], true
		return &shown
	}
	shown.Data = nil
	at := uint64(0)
	for _, r := range p.Unknown {
		shown.Data = append(shown.Data, p.Data[at:r.Offset]...)
		shown.Data = fmt.Appendf(shown.Data, "[%d octets unknown]", r.Length)
		at = r.Offset + r.Length
	}
	shown.Data = append(shown.Data, p.Data[at:]...)
	return &shown
}
