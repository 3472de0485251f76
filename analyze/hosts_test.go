package analyze

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// Percentiles are exact for few values, and within 1 % for many.
func TestLatencies(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 100, latenciesExact, latenciesExact + 1, 20_000} {
		var l latencies
		var all []int64
		for range n {
			us := int64(r.ExpFloat64() * 3000)
			if r.IntN(50) == 0 {
				us *= 1000
			}
			l.add(us * 1000)
			all = append(all, us)
		}
		slices.Sort(all)
		got := l.sum()
		for _, c := range []struct {
			percent int
			got     int64
		}{{50, got.P50}, {90, got.P90}, {99, got.P99}, {100, got.Max}} {
			want := all[max((n*c.percent+99)/100, 1)-1]
			off := want / 100
			if n <= latenciesExact || c.percent == 100 {
				off = 0
			}
			if c.got < want-off-1 || c.got > want+off+1 {
				t.Errorf("%d values: %d %% is %d, want %d", n, c.percent, c.got, want)
			}
		}
	}
}

// A step of the scale holds its own middle.
func TestLatencySteps(t *testing.T) {
	for row := range latencyRows - 1 {
		for step := range latencySteps {
			us := latencyOf(row, step)
			if r, s := latencyStep(us); r != row || s != step {
				t.Fatalf("%d µs is in row %d, step %d, not %d, %d", us, r, s, row, step)
			}
		}
	}
}
