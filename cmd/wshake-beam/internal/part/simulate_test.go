package part_test

import (
	"container/heap"
	"fmt"
	"os"
	"strings"
	"testing"
)

// A run of 100 TB in 10,000 files on 1,000 workers of one core each, on paper. What each step costs is assumed, what
// travels is as measured of 2 million packets in 4 files (testdata/measure): the files here are 20 times as large, so
// that less crosses cuts. Workers take the next task when they are done, a step begins when all of
// the step before are done.
const (
	simulatedFiles   = 10_000
	simulatedWorkers = 1_000
	simulatedFile    = 10e9  // octets
	looking          = 300e6 // octets a second: headers are decoded
	analysing        = 100e6
	connecting       = 80e6 // of segments
	travelling       = .039 // of all octets; 15.4 % belong to flows in several files
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
	even := make([]float64, simulatedFiles)
	for i := range even {
		even[i] = simulatedFile
	}
	large := append([]float64{1e12}, even[:simulatedFiles-100]...)
	over := func(octets []float64, rate float64) []float64 {
		seconds := make([]float64, len(octets))
		for i, n := range octets {
			seconds[i] = n / rate
		}
		return seconds
	}
	// analysis is the task of each file: the file, what travels there, and in one of them what a connection has.
	analysis := func(files []float64, one float64) []float64 {
		list := over(files, analysing)
		for i, n := range files {
			list[i] += travelling * n / connecting
		}
		list[0] += one / connecting
		return list
	}
	best := simulatedFile * simulatedFiles * (2/looking + 1/analysing + travelling/connecting) / simulatedWorkers
	var table []string
	for _, c := range []struct {
		name   string
		files  []float64
		slow   int
		one    float64
		atMost float64 // times the best
	}{
		{"all files alike", even, 0, 0, 1.05},
		{"one worker of a hundred five times slower", even, 10, 0, 1.6},
		{"one file of 1 TB among them", large, 0, 0, 12},
		{"one connection through all files, 0.1 % of the octets", even, 0, 1e11, 2.1},
		{"one connection through all files, 1 % of the octets", even, 0, 1e12, 11},
	} {
		reading := step(over(c.files, looking), c.slow) // to look, and to send: flows leave nearly every file
		took := 2*reading + step(analysis(c.files, c.one), c.slow)
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
