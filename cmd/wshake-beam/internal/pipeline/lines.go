package pipeline

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"wshake/cmd/wshake-beam/internal/part"
)

// Lines are sent many at once: what a runner does for each value takes longer than to make a line.
const (
	blockSize  = 1 << 20  // about how large a block of lines of one partition is, octets
	blocksSize = 16 << 20 // all that are being filled
)

// lines sends lines to their partitions. What it still has is sent by flush.
type lines struct {
	ctx    context.Context
	output string
	from   string // names the step and what it works on
	flat   bool
	to     func(partition string, parcel []byte)
	blocks map[string][]byte // by partition
	size   int               // of all
	sent   int               // blocks
}

func newLines(ctx context.Context, output, from string, flat bool, to func(string, []byte)) *lines {
	return &lines{ctx: ctx, output: output, from: from, flat: flat, to: to, blocks: make(map[string][]byte)}
}

func (s *lines) add(l *part.Line) error {
	lineOctets.Inc(s.ctx, int64(len(l.Text)+1))
	name := flatPartition
	if !s.flat {
		name = partition(l)
	}
	block := appendLine(s.blocks[name], l)
	s.size += len(block) - len(s.blocks[name])
	s.blocks[name] = block
	switch {
	case len(block) >= blockSize:
		return s.send(name)
	case s.size >= blocksSize:
		return s.flush()
	}
	return nil
}

func (s *lines) send(name string) error {
	block := s.blocks[name]
	s.size -= len(block)
	delete(s.blocks, name)
	s.sent++
	b, err := parcel(s.ctx, s.output, fmt.Sprintf("lines/%s-%d", s.from, s.sent), block)
	if err == nil {
		s.to(name, b)
	}
	return err
}

func (s *lines) flush() error {
	names := make([]string, 0, len(s.blocks))
	for name := range s.blocks {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if err := s.send(name); err != nil {
			return err
		}
	}
	return nil
}

// keyLength is how long Line.Key is, octets.
const keyLength = 8 + 8 + 4 + 8 + 4

// appendLine adds a line to a block: how many octets follow (varint), its key, its text.
func appendLine(block []byte, l *part.Line) []byte {
	block = binary.AppendUvarint(block, uint64(keyLength+len(l.Text)))
	return append(append(block, l.Key()...), l.Text...)
}

var errBlock = errors.New("lines that were sent are damaged")

// linesOf gives the lines of a block that was sent, each behind its key.
func linesOf(ctx context.Context, parcel []byte, line func([]byte)) error {
	block, err := unpack(ctx, parcel)
	if err != nil {
		return err
	}
	for len(block) > 0 {
		n, length := binary.Uvarint(block)
		if length <= 0 || n < keyLength || n > uint64(len(block)-length) {
			return errBlock
		}
		block = block[length:]
		line(block[:n:n])
		block = block[n:]
	}
	return nil
}
