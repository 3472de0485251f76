package analyze

import (
	"os"
	"runtime/debug"
	"testing"
)

// Thousands of short captures are analysed here. A third of the time went to collecting what each of them left.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}
