package part_test

import (
	"fmt"
	"strings"
	"testing"

	. "wshake/cmd/wshake-beam/internal/part"
)

// How files of some sizes are shared out: files of one run stand together, a piece has how many octets it has.
func TestRuns(t *testing.T) {
	const mega = 1 << 20
	list := func(n int, octets int64) (sizes []int64) {
		for range n {
			sizes = append(sizes, octets)
		}
		return sizes
	}
	for _, c := range []struct {
		name  string
		share Share
		sizes []int64
		want  string
	}{
		{"one worker", Share{Workers: 1, Split: mega}, list(5, 1000*mega), "01234"},
		{"each by itself", Share{Least: 1}, list(3, mega), "0 1 2"},
		{"nobody knows how many", Share{}, list(16, 500*mega), "012345 6789ab cdef"},
		{"pieces", Share{Split: mega, Least: mega}, []int64{3 * mega, mega}, "0:1048576 0:1048576 0:1048576 1"},
		{"two workers", Share{Workers: 2, Split: 512 * mega, Least: mega}, list(16, 100*mega),
			"01 2 34 5 67 89 a bc d ef"},
		{"two workers, small files", Share{Workers: 2}, list(16, 100*mega), "0123456789abcdef"},
		{"two workers, larger ones", Share{Workers: 2}, list(16, 1000*mega), "012 345 678 9ab cde f"},
		{"little", Share{Workers: 8, Split: mega}, list(4, mega), "0123"},
		{"more workers than files", Share{Workers: 8, Split: 100 * mega, Least: mega}, []int64{500 * mega, 500 * mega},
			"0:104857600 0:104857600 0:104857600 0:104857600 0:104857600 " +
				"1:104857600 1:104857600 1:104857600 1:104857600 1:104857600"},
		{"never split", Share{Workers: 8}, []int64{5000 * mega, mega, mega}, "0 12"},
		{"uneven", Share{Workers: 2, Least: mega}, []int64{900 * mega, 10 * mega, 10 * mega, 80 * mega, 300 * mega},
			"0 1 23 4"},
		{"one of unknown size", Share{Workers: 1}, []int64{mega, -1, mega}, "0 1 2"},
		{"empty ones", Share{Workers: 1}, []int64{0, 0}, "01"},
	} {
		var files []Sized
		for i, n := range c.sizes {
			files = append(files, Sized{File{Path: fmt.Sprintf("%x", i), Number: int32(i)}, n})
		}
		var got []string
		for i, f := range c.share.Runs(files) {
			if f.Piece != int32(i) {
				t.Errorf("%s: piece %d has number %d", c.name, i, f.Piece)
			}
			run := f.Path
			if f.End > 0 {
				run += fmt.Sprintf(":%d", f.End-f.Begin)
			}
			for _, n := range f.Next {
				run += n.Path
			}
			got = append(got, run)
		}
		if got := strings.Join(got, " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
