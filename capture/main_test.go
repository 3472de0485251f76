package capture

import (
	"os"
	"runtime/debug"
	"testing"
)

// What is in use here is little, and is soon garbage: collecting it would take a third of the time.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}
