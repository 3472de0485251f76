package html

import (
	"bufio"
	"bytes"

	"github.com/klauspost/compress/gzip" // several times as fast as that of the standard library

	"wshake/analyze/event"
)

// payloads gathers the octets of all payloads up to its limits: compressed as they come, or in a file, one behind the
// other.
type payloads struct {
	limits     Limits
	compressed bytes.Buffer
	gzip       *gzip.Writer
	spool      *bufio.Writer // nil where the page embeds them
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
	if p.spool == nil {
		p.gzip.Write(payload.Data) // into memory, which does not fail
	} else if _, err := p.spool.Write(payload.Data); err != nil {
		p.full = true
		return 0
	}
	p.size += n
	return n
}

// octets gives what was gathered. Nothing can be added after it.
func (p *payloads) octets() []byte {
	p.gzip.Close()
	return p.compressed.Bytes()
}
