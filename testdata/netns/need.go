//go:build linux

package netns

import (
	"os"
	"os/exec"
	"testing"

	"wshake/testdata/need"
)

// Need is need.More for root and these programs: it skips a test that lacks them, or fails it where everything must be
// there.
func Need(t testing.TB, programs ...string) {
	t.Helper()
	need.More(t)
	lack := ""
	if os.Getuid() != 0 {
		lack = "not root, who may make network namespaces"
	}
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			lack = err.Error()
		}
	}
	if lack != "" {
		need.Lacking(t, lack)
	}
}
