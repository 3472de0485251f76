// Package need says which tests run where: with plain Go alone, with the programs that CI installs, and with time to spare.
//
// Two variables of the environment ask for more than `go test ./...` does in a fresh clone. WSHAKE_LONG=1 runs the tests
// that take long. WSHAKE_REQUIRE_ALL=1, which CI sets, runs those too, and turns every test that lacks a program into a
// failure.
package need

import (
	"os"
	"os/exec"
	"testing"
)

// All reports whether everything must be there: a test that lacks something fails.
func All() bool { return os.Getenv("WSHAKE_REQUIRE_ALL") == "1" }

// Lacking skips a test for want of something outside the project, or fails it where everything must be there.
func Lacking(t testing.TB, what string) {
	t.Helper()
	if All() {
		t.Fatal(what)
	}
	t.Skip(what)
}

// Program is the path of a program, or the test is Lacking it.
func Program(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		Lacking(t, name+" is not installed")
	}
	return path
}

// Brief reports whether a test that can do less shall do less: Long would skip it.
func Brief() bool { return testing.Short() || !All() && os.Getenv("WSHAKE_LONG") != "1" }

// Long skips a test that takes more than a few seconds, unless it was asked for. With -short it never runs.
func Long(t testing.TB) {
	t.Helper()
	if Brief() {
		t.Skip("it takes long: WSHAKE_LONG=1 without -short runs it")
	}
}
