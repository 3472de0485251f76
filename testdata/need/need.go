// Package need says which tests run where: with plain Go alone, with the programs that CI installs, and with time to spare.
//
// `go test ./...` runs the same tests on every machine: those that need nothing but Go and are quick. Two variables
// of the environment ask for the others. WSHAKE_LONG=1 runs the tests that take long, and those that need another
// program or root where that is there. WSHAKE_REQUIRE_ALL=1, which CI sets, runs all, and turns every test that lacks
// something into a failure.
package need

import (
	"os"
	"os/exec"
	"testing"
)

// All reports whether everything must be there: a test that lacks something fails.
func All() bool { return os.Getenv("WSHAKE_REQUIRE_ALL") == "1" }

// asked reports whether more was asked for than the quick tests.
func asked() bool { return All() || os.Getenv("WSHAKE_LONG") == "1" }

// More skips a test that needs more than Go, unless it was asked for.
func More(t testing.TB) {
	t.Helper()
	if !asked() {
		t.Skip("it needs more than Go: WSHAKE_LONG=1 runs it")
	}
}

// Lacking skips a test for want of something outside the project, or fails it where everything must be there.
func Lacking(t testing.TB, what string) {
	t.Helper()
	if All() {
		t.Fatal(what)
	}
	t.Skip(what)
}

// Program is the path of a program that a test with More needs, or the test is Lacking it.
func Program(t testing.TB, name string) string {
	t.Helper()
	More(t)
	path, err := exec.LookPath(name)
	if err != nil {
		Lacking(t, name+" is not installed")
	}
	return path
}

// Brief reports whether a test that can do less shall do less: Long would skip it.
func Brief() bool { return testing.Short() || !asked() }

// Rounds is how often a test does what it repeats: fewer times where it shall be brief.
func Rounds(all, brief int) int {
	if Brief() {
		return brief
	}
	return all
}

// Long skips a test that takes more than a few seconds, unless it was asked for. With -short it never runs.
func Long(t testing.TB) {
	t.Helper()
	if Brief() {
		t.Skip("it takes long: WSHAKE_LONG=1 without -short runs it")
	}
}
