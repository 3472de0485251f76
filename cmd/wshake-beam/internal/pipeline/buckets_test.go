package pipeline_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"wshake/cmd/wshake-beam/internal/pipeline"
)

// What is sent to a bucket comes out whole, all of one key from one bucket, and the blocks follow from what is sent.
func TestBuckets(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	sent := make(map[uint64][]string)
	var keys []uint64
	var values [][]byte
	for i := range 20_000 {
		key := random.Uint64() >> random.IntN(64)
		value := bytes.Repeat([]byte{byte(i)}, random.IntN(40))
		keys, values = append(keys, key), append(values, value)
		sent[key] = append(sent[key], fmt.Sprintf("%x", value))
	}
	first, err := pipeline.ThroughBuckets(7, keys, values)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := pipeline.ThroughBuckets(7, keys, values)
	got := make(map[uint64][]string)
	for bucket, blocks := range first {
		if !slices.EqualFunc(blocks, again[bucket], bytes.Equal) {
			t.Errorf("bucket %d is sent in other blocks the second time", bucket)
		}
		of, err := pipeline.FromBucket(blocks)
		if err != nil {
			t.Fatal(err)
		}
		for key, list := range of {
			if got[key] != nil {
				t.Errorf("key %x is in two buckets", key)
			}
			got[key] = list
		}
	}
	if len(first) != 7 || !maps.EqualFunc(got, sent, slices.Equal) {
		t.Errorf("%d keys from %d buckets, %d were sent", len(got), len(first), len(sent))
	}
	block := first[0][0]
	if _, err := pipeline.FromBucket([][]byte{block[:len(block)-1]}); err == nil {
		t.Error("a block that is cut is not named")
	}
}
