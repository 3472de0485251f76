package pipeline

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"
)

// Flows and marks are small and very many, and a runner takes longer to group a value than a step takes to make or to
// read it. So those whose keys fall into one bucket are sent together.

// leastBuckets is how many buckets there are at least, so that many workers can take part. With more runs there is one
// for each: what is in a bucket does not grow with the capture.
const leastBuckets = 64

// buckets is how many there are for a number of runs.
func buckets(runs int) int { return max(runs, leastBuckets) }

const (
	bucketBlock  = 32 << 10 // how large a block is that is sent, octets, about
	bucketBlocks = 16 << 20 // all that are being filled
)

// bucketed sends values to the buckets of their keys. What it still has is sent by flush.
type bucketed struct {
	buckets int
	to      func(bucket int64, block []byte)
	blocks  map[int64][]byte
	size    int // of all
}

func newBucketed(buckets int, to func(int64, []byte)) *bucketed {
	return &bucketed{buckets: buckets, to: to, blocks: make(map[int64][]byte)}
}

// add sends a value: key, length (varint), octets. A key is a hash.
func (s *bucketed) add(key uint64, value []byte) {
	bucket := int64(key % uint64(s.buckets))
	block := s.blocks[bucket]
	before := len(block)
	block = binary.BigEndian.AppendUint64(block, key)
	block = binary.AppendUvarint(block, uint64(len(value)))
	block = append(block, value...)
	s.blocks[bucket] = block
	s.size += len(block) - before
	switch {
	case s.size >= bucketBlocks:
		s.flush()
	case len(block) >= bucketBlock:
		s.send(bucket)
	}
}

func (s *bucketed) send(bucket int64) {
	s.to(bucket, s.blocks[bucket])
	s.size -= len(s.blocks[bucket])
	delete(s.blocks, bucket)
}

func (s *bucketed) flush() {
	for _, bucket := range slices.Sorted(maps.Keys(s.blocks)) {
		s.send(bucket)
	}
}

var errBucket = errors.New("what was sent to a bucket is damaged")

// eachKeyed calls f with what was sent to a bucket.
func eachKeyed(blocks func(*[]byte) bool, f func(key uint64, value []byte) error) error {
	return each(blocks, func(b []byte) error {
		for len(b) > 0 {
			if len(b) < 8 {
				return errBucket
			}
			key := binary.BigEndian.Uint64(b)
			length, n := binary.Uvarint(b[8:])
			if n <= 0 || length > uint64(len(b)-8-n) {
				return errBucket
			}
			value := b[8+n : 8+n+int(length)]
			if err := f(key, value); err != nil {
				return err
			}
			b = b[8+n+int(length):]
		}
		return nil
	})
}
