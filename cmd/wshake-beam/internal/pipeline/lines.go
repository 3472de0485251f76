package pipeline

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
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
	to     func(partition string, block []byte)
	blocks map[string]*block // by partition
	size   int               // of all
	sent   int               // blocks
}

// block is lines of one partition.
type block struct {
	octets []byte
	first  string // of the keys of the lines, up to the place
}

func newLines(ctx context.Context, output, from string, flat bool, to func(string, []byte)) *lines {
	return &lines{ctx: ctx, output: output, from: from, flat: flat, to: to, blocks: make(map[string]*block)}
}

func (s *lines) add(l *part.Line) error {
	lineOctets.Inc(s.ctx, int64(len(l.Text)+1))
	name := flatPartition
	if !s.flat {
		name = partition(l)
	}
	b := s.blocks[name]
	if b == nil {
		b = new(block)
		s.blocks[name] = b
	}
	if first := string(l.Key()[:placeLength]); b.first == "" || first < b.first {
		b.first = first
	}
	before := len(b.octets)
	b.octets = appendLine(b.octets, l)
	s.size += len(b.octets) - before
	switch {
	case len(b.octets) >= blockSize:
		return s.send(name)
	case s.size >= blocksSize:
		return s.flush()
	}
	return nil
}

func (s *lines) send(name string) error {
	block := s.blocks[name]
	s.size -= len(block.octets)
	delete(s.blocks, name)
	s.sent++
	b, err := parcel(s.ctx, s.output, fmt.Sprintf("lines/%s-%d", s.from, s.sent), block.octets)
	if err == nil {
		s.to(name, append([]byte(block.first), b...))
	}
	return err
}

// flush sends all blocks: together through one file, since there may be very many of a few lines each.
func (s *lines) flush() error {
	names := slices.Sorted(maps.Keys(s.blocks))
	if len(names) < 2 || s.size <= inlineSize || inStore(s.output) {
		for _, name := range names {
			if err := s.send(name); err != nil {
				return err
			}
		}
		return nil
	}
	s.sent++
	path := keptPath(s.output, fmt.Sprintf("lines/%s-%d", s.from, s.sent))
	err := writeWhole(s.ctx, s.output, path, func(w io.Writer) error {
		for _, name := range names {
			if _, err := w.Write(s.blocks[name].octets); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	offset := 0
	for _, name := range names {
		block := s.blocks[name]
		s.to(name, append([]byte(block.first), piece(path, offset, len(block.octets))...))
		offset += len(block.octets)
	}
	clear(s.blocks)
	s.size = 0
	return nil
}

// keyLength is how long Line.Key is, and its part without the count, octets. What is sent of a block is the first such
// part of its lines, and the parcel of them.
const (
	placeLength = 8 + 8 + 4 + 8
	keyLength   = placeLength + 4
)

// appendLine adds a line to a block: how many octets follow (varint), its key, its text.
func appendLine(block []byte, l *part.Line) []byte {
	block = binary.AppendUvarint(block, uint64(keyLength+len(l.Text)))
	return append(append(block, l.Key()...), l.Text...)
}

var errBlock = errors.New("lines that were sent are damaged")

// blockOf makes a block of one line, which is not sent through a file.
func blockOf(l *part.Line) []byte {
	return appendLine(append(l.Key()[:placeLength:placeLength], 0), l)
}

// linesOf gives the lines of a block that was sent, each behind its key.
func linesOf(ctx context.Context, sent []byte, line func([]byte) error) error {
	if len(sent) < placeLength {
		return errBlock
	}
	block, err := unpack(ctx, sent[placeLength:])
	if err != nil {
		return err
	}
	for len(block) > 0 {
		n, length := binary.Uvarint(block)
		if length <= 0 || n < keyLength || n > uint64(len(block)-length) {
			return errBlock
		}
		block = block[length:]
		if err := line(block[:n:n]); err != nil {
			return err
		}
		block = block[n:]
	}
	return nil
}
