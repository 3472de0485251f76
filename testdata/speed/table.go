package main

import (
	"fmt"
	"slices"
	"strings"
)

// The table that compare prints. The floor is what reading takes: tcpdump with a filter that nothing passes.

const (
	floor      = "tcpdump"
	standard   = "wshake"
	everything = "wshake JSON"
)

// goals are how many times as long as the floor wshake may take, by kind.
var goals = map[string]float64{"chat": 2, "handshakes": 4}

const (
	jsonGoal    = 2.0      // how many times as long as the default output JSON with everything may take
	memoryGoal  = 64 << 20 // octets
	startGoal   = 8        // milliseconds
	opensslGoal = 1.5      // how many times as long as openssl decrypts
	inflateGoal = 1.3      // how many times as long as the fastest inflater
)

func (c *comparison) header(list []tool) {
	cells := []string{"capture", "wshake", "of the floor", "JSON of the default"}
	for _, t := range list {
		if t.name != standard {
			cells = append(cells, t.name)
		}
	}
	line(cells)
	line(slices.Repeat([]string{"---"}, len(cells)))
}

func (c *comparison) row(m *measured, list []tool) {
	own := m.Tools[standard]
	cells := []string{fmt.Sprintf("%s, %d MB", m.Name, m.Octets/1e6), cost(own), "", ""}
	if f, there := m.Tools[floor]; there {
		cells[2] = against(own.Seconds/f.Seconds, goals[m.Name])
	}
	cells[3] = against(m.Tools[everything].Seconds/own.Seconds, jsonGoal)
	for _, t := range list {
		if t.name == standard {
			continue
		}
		f := m.Tools[t.name]
		cells = append(cells, fmt.Sprintf("%s (%.1f×)", cost(f), f.Seconds/own.Seconds))
	}
	line(cells)
}

func (c *comparison) footer() {
	fmt.Println("\nIn brackets after a tool: how many times as long as wshake with its default output.")
	fmt.Printf("Start to first row: %.1f ms (goal %d).\n", 1e3*c.Start, startGoal)
	var most int64
	for _, m := range c.Captures {
		most = max(most, m.Tools[standard].Peak)
		if m.Name == "wss" && c.OpenSSL > 0 {
			ratio := m.Tools[standard].Seconds / (float64(m.Octets) / c.OpenSSL)
			fmt.Printf("wss: %s of what openssl takes to decrypt as many octets.\n", against(ratio, opensslGoal))
		}
		if m.Name == "deflate" && c.Inflated > 0 {
			ratio := m.Tools[standard].Seconds / (float64(m.Messages) / c.Inflated)
			fmt.Printf("deflate: %s of what %s takes to inflate as many messages on one core.\n", against(ratio, inflateGoal), c.Inflater)
		}
	}
	if most > 0 {
		fmt.Printf("Most memory: %d MB (goal %d).\n", most>>20, memoryGoal>>20)
	}
}

// cost is time and memory of a run.
func cost(f figure) string {
	s := fmt.Sprintf("%.2f s", f.Seconds)
	if f.Peak > 0 {
		s += fmt.Sprintf(", %d MB", f.Peak>>20)
	}
	return s
}

// against is a ratio beside its goal, 0 for none.
func against(ratio, goal float64) string {
	s := fmt.Sprintf("%.1f×", ratio)
	if goal > 0 {
		s += fmt.Sprintf(" (goal %g)", goal)
	}
	return s
}

func line(cells []string) { fmt.Println("| " + strings.Join(cells, " | ") + " |") }
