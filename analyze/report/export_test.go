package report

import (
	"testing"
	"wshake/analyze/event"
)

// JSONLines gives what JSON prints in the tests, for those that may import schematest.
func JSONLines(t *testing.T) map[string][]byte {
	o := Options{Show: event.AllKinds, ManyFiles: true, Names: files}
	return map[string][]byte{
		"conversations": printed(t, jsonOutput(o)),
		"redacted":      printed(t, jsonOutput(Options{Show: event.AllKinds, Redact: true})),
		"hostile":       []byte(printHostile(t, jsonOutput(o))),
	}
}
