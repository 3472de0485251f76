package main

import (
	"os"
	"strings"
	"testing"
)

// required lists the modules that a go.mod names; direct leaves out those that others need.
func required(t *testing.T, path string, direct bool) map[string]bool {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	modules := make(map[string]bool)
	for line := range strings.Lines(string(b)) {
		words := strings.Fields(strings.TrimPrefix(line, "require "))
		if len(words) >= 2 && strings.Contains(words[0], ".") && strings.HasPrefix(words[1], "v") && !(direct && strings.Contains(line, "// indirect")) {
			modules[words[0]] = true
		}
	}
	if len(modules) == 0 {
		t.Fatalf("%s requires nothing", path)
	}
	return modules
}

// What only wshake-beam needs does not reach whoever builds wshake.
func TestBeamStaysInItsModule(t *testing.T) {
	ours, beam := required(t, "../../go.mod", false), required(t, "../wshake-beam/go.mod", true)
	if !beam["github.com/apache/beam/sdks/v2"] {
		t.Error("wshake-beam does not need Beam")
	}
	for module := range beam {
		if ours[module] {
			t.Errorf("go.mod requires %s, as wshake-beam does", module)
		}
	}
}
