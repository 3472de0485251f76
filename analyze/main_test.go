package analyze

import (
	"os"
	"runtime/debug"
	"testing"
)

// Thousands of short captures are analysed here. Collecting what each of them left would take a third of the time.
func TestMain(m *testing.M) {
	debug.SetGCPercent(800)
	os.Exit(m.Run())
}
