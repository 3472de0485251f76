package pipeline

import (
	"fmt"
	"io"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
)

// Counters gives what was counted, by name.
func Counters(result beam.PipelineResult) map[string]int64 {
	counts := make(map[string]int64)
	for _, c := range result.Metrics().AllMetrics().Counters() {
		if c.Key.Namespace == "wshake" {
			counts[c.Key.Name] += c.Result()
		}
	}
	return counts
}

// Report says what was sent between the steps.
func Report(w io.Writer, result beam.PipelineResult) {
	c := Counters(result)
	shuffled := c["shuffle-flows"] + c["shuffle-segments"] + c["shuffle-records"] + c["shuffle-marks"] + c["shuffle-sums"]
	share := func(octets int64) float64 { return 100 * float64(octets) / float64(max(c["captured"], 1)) }
	fmt.Fprintf(w, "%d octets of packets; %.2f %% belong to flows that are in several files (%d of %d flows of files)\n",
		c["captured"], share(c["octets-of-flows-in-several-files"]), c["flows-that-travel"], c["flows-of-all-files"])
	fmt.Fprintf(w, "%d octets sent between steps, %.2f %%: %d of segments, %.2f %%, %d of records, "+
		"%d of what connections may have in common, %d of sums, %d to know which flows are in several files\n",
		shuffled, share(shuffled), c["shuffle-segments"], share(c["shuffle-segments"]), c["shuffle-records"],
		c["shuffle-marks"], c["shuffle-sums"], c["shuffle-flows"])
}
