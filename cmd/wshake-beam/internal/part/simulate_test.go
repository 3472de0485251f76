package part_test

import (
	"container/heap"
	"fmt"
	"os"
	"strings"
	"testing"

	. "wshake/cmd/wshake-beam/internal/part"
)

// 100 TB in 10,000 files on 1,000 workers of one core each, on paper; Share.Runs shares the files out. What each step
// costs is assumed, what travels at each end of a run is as measured of 2 million packets in 4 files (testdata/measure
// -kind mixed -workers 2). Workers take the next task when they are done, a step begins when all of the step before are
// done.
const (
	simulatedFiles   = 10_000
	simulatedWorkers = 1_000
	simulatedFile    = 10e9  // octets
	looking          = 300e6 // octets a second: headers are decoded
	analysing        = 100e6
	connecting       = 80e6 // of segments
	travelling       = 50e6 // octets to each run
)

// workers are when each is free, and how fast it is.
type workers []struct{ free, speed float64 }

func (w workers) Len() int           { return len(w) }
func (w workers) Less(i, j int) bool { return w[i].free < w[j].free }
func (w workers) Swap(i, j int)      { w[i], w[j] = w[j], w[i] }
func (w *workers) Push(any)          {}
func (w *workers) Pop() any          { return nil }

// step gives when the last of tasks, in seconds of a core each, is done.
func step(tasks []float64, slow int) float64 {
	w := make(workers, simulatedWorkers)
	for i := range w {
		w[i].speed = 1
		if i < slow {
			w[i].speed = .2
		}
	}
	heap.Init(&w)
	last := 0.
	for _, t := range tasks {
		w[0].free += t / w[0].speed
		last = max(last, w[0].free)
		heap.Fix(&w, 0)
	}
	return last
}

func TestSimulation(t *testing.T) {
	even := make([]int64, simulatedFiles)
	for i := range even {
		even[i] = simulatedFile
	}
	with := func(first int64) []int64 { return append([]int64{first}, even[:simulatedFiles-100]...) }
	const tera = int64(1e12)
	// shared gives how many octets each run has. A negative size is that of a file that cannot be split.
	shared := func(sizes []int64) (octets []float64) {
		files := make([]Sized, len(sizes))
		for i, n := range sizes {
			files[i] = Sized{File{Number: int32(i)}, max(n, -1)}
		}
		for _, run := range (Share{Workers: simulatedWorkers, Split: DefaultLeast}).Runs(files) {
			n := run.End - run.Begin
			if n == 0 {
				n = max(sizes[run.Number], -sizes[run.Number])
			}
			for _, next := range run.Next {
				n += sizes[next.Number]
			}
			octets = append(octets, float64(n))
		}
		return octets
	}
	over := func(octets []float64, rate float64) []float64 {
		seconds := make([]float64, len(octets))
		for i, n := range octets {
			seconds[i] = n / rate
		}
		return seconds
	}
	// analysis is the task of each run: its files, what travels there, and in one of them what a connection has.
	analysis := func(runs []float64, one float64) []float64 {
		list := over(runs, analysing)
		for i := range list {
			list[i] += travelling / connecting
		}
		list[0] += one / connecting
		return list
	}
	best := simulatedFile * simulatedFiles * (2/looking + 1/analysing) / simulatedWorkers
	var table []string
	for _, c := range []struct {
		name   string
		files  []int64
		slow   int
		one    float64
		atMost float64 // times the best
	}{
		{"all files alike", even, 0, 0, 1.05},
		{"one worker of a hundred five times slower", even, 10, 0, 2.1},
		{"one file of 1 TB among them", with(tera), 0, 0, 1.3},
		{"one file of 1 TB among them that cannot be split", with(-tera), 0, 0, 12},
		{"one connection through all files, 0.1 % of the octets", even, 0, 1e11, 2.1},
		{"one connection through all files, 1 % of the octets", even, 0, 1e12, 11},
	} {
		runs := shared(c.files)
		reading := step(over(runs, looking), c.slow) // to look, and at most as much again to send
		took := 2*reading + step(analysis(runs, c.one), c.slow)
		row := fmt.Sprintf("| %s | %.1f h | %.1f |", c.name, took/3600, took/best)
		table = append(table, row)
		if took < .999*best || took > c.atMost*best {
			t.Errorf("%s: at most %.2f times were expected", row, c.atMost)
		}
	}
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range table {
		if !strings.Contains(string(b), row+"\n") {
			t.Errorf("README.md lacks %s", row)
		}
	}
}
