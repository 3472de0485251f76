package report

import (
	"slices"
	"strings"
	"testing"

	"wshake/analyze/event"
)

// busyHosts have long names, many statuses and slow answers.
func busyHosts() []event.Host {
	return []event.Host{
		{Name: "notifications-europe-west.internal.example.test:8443", Attempts: 9412,
			Verdicts: [event.Verdicts]uint64{event.Refused: 9412},
			Statuses: []event.StatusCount{{Status: 503, Count: 9000}, {Status: 403, Count: 400},
				{Status: 404, Count: 12}},
			Latency:  &event.Latency{P50: 999_900, P90: 999_900, P99: 999_900, Max: 999_900},
			Findings: [event.Levels]uint64{event.Note: 9412, event.Error: 3}},
		{Name: "b.example", Attempts: 2, Verdicts: [event.Verdicts]uint64{event.Established: 2},
			Latency: &event.Latency{P50: 200, P90: 1_204_000, P99: 59_000_000}},
	}
}

// Names may be cut, numbers never: they are whole or not there.
func TestHostsAreTrueAtAnyWidth(t *testing.T) {
	whole := strings.Fields("9,412 2 0 503 ×9,000, 403 ×400, 404 ×12 … - 999.9/999.9/999.9 ms " +
		"0.000/1.204/59.000 s 3 errors, 9,412 notes")
	for width := Narrowest; width <= 220; width++ {
		out := told(t, Options{Width: width}, busyHosts())
		table, _, _ := strings.Cut(out, "\n\n")
		rows := strings.Split(table, "\n")[1:]
		if len(rows) != 2 {
			t.Fatalf("width %d: %d rows in\n%s", width, len(rows), table)
		}
		if width >= 80 && !strings.Contains(rows[0], "999.9/999.9/999.9 ms") {
			t.Errorf("width %d has no latency:\n%s", width, table)
		}
		for _, row := range rows {
			for _, word := range strings.Fields(row)[1:] {
				if !slices.Contains(whole, word) && !slices.Contains(whole, word+",") {
					t.Errorf("width %d cuts %q in\n%s", width, word, table)
				}
			}
		}
	}
}

// A column in which nothing stands takes no room.
func TestEmptyColumnsAreLeftOut(t *testing.T) {
	list := busyHosts()
	if out := told(t, Options{}, list); strings.Contains(out, "other") || !strings.Contains(out, "findings") {
		t.Errorf("got\n%s", out)
	}
	list[1].Verdicts[event.Invalid] = 1
	if out := told(t, Options{}, list); !strings.Contains(out, "1 invalid") {
		t.Errorf("got\n%s", out)
	}
}
