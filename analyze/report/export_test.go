package report

import (
	"testing"

	"wshake/analyze/event"
	"wshake/analyze/redact"
)

// JSONLines gives what JSON prints in the tests, for those that may import schematest.
func JSONLines(t *testing.T) map[string][]byte {
	o := Options{Show: event.AllKinds, ManyFiles: true, Names: files}
	return map[string][]byte{
		"conversations": printed(t, jsonOutput(o)),
		"redacted":      printedRedacted(t, jsonOutput(Options{Show: event.AllKinds}), redact.All),
		"hostile":       []byte(printHostile(t, jsonOutput(o))),
	}
}
