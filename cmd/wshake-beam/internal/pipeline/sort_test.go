package pipeline_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"wshake/cmd/wshake-beam/internal/pipeline"
)

// Records that are sorted through many files are those that are sorted in memory, each once.
func TestSorted(t *testing.T) {
	undo := pipeline.SortInLittle()
	defer func() { undo() }()
	random := rand.New(rand.NewPCG(11, 12))
	for _, n := range []int{0, 1, 10, 1000, 20_000} {
		var records [][]byte
		for range n {
			r := make([]byte, random.IntN(40))
			for i := range r {
				r[i] = byte(random.IntN(3))
			}
			records = append(records, r)
		}
		if n > 100 {
			records = append(records, bytes.Repeat([]byte{2}, 100_000)) // longer than what is kept in memory
		}
		want := slices.Clone(records)
		slices.SortFunc(want, bytes.Compare)
		want = slices.CompactFunc(want, bytes.Equal)
		got, levels, runs, err := pipeline.Sorted(records)
		if err != nil {
			t.Fatal(err)
		}
		for _, list := range got {
			if !slices.EqualFunc(list, want, bytes.Equal) {
				t.Errorf("of %d records %d came, which are not the %d in order", n, len(list), len(want))
			}
		}
		if n == 20_000 && (levels < 4 || runs > 2*levels) {
			t.Errorf("%d runs of %d levels: this test tests too little", runs, levels)
		}
	}
}
