//go:build linux

package netns

import (
	"os"
	"os/exec"
	"testing"

	"wshake/testdata/need"
)

// Need skips a test that is not run by root or lacks one of the programs, or fails it where everything must be there.
func Need(t testing.TB, programs ...string) {
	t.Helper()
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
