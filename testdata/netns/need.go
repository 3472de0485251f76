//go:build linux

package netns

import (
	"os"
	"os/exec"
	"testing"
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
		Lacking(t, lack)
	}
}

// Lacking skips a test for want of something, or fails it where everything must be there.
func Lacking(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("WSHAKE_REQUIRE_ALL") == "1" {
		t.Fatal(what)
	}
	t.Skip(what)
}
