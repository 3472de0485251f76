package need

import (
	"os"
	"runtime/debug"
	"testing"
)

// Main runs the tests of a package whose memory is collected when it has grown by so many per cent. Thousands of short
// captures leave little in use: collecting what each of them left would take a third of the time.
func Main(m *testing.M, growth int) {
	debug.SetGCPercent(growth)
	os.Exit(m.Run())
}
