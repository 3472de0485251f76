package analyze

import (
	"os/exec"
	"strings"
	"testing"
)

// A lower package never knows a higher one, and borrowed types stay in their corner. Each row: these packages must not
// depend on any package with one of these prefixes.
func TestImportDirection(t *testing.T) {
	for _, row := range []struct{ packages, forbidden string }{
		{"wshake/capture/...", "wshake/reassembly wshake/analyze wshake/cmd"},
		{"wshake/reassembly", "wshake/capture wshake/reassembly/decode"},
		{"wshake/reassembly/...", "wshake/analyze wshake/cmd"},
		{"wshake/analyze/...", "wshake/cmd github.com/spf13/pflag"},
		{"wshake/analyze/event wshake/analyze/http1 wshake/analyze/ws/...", "wshake/analyze/check wshake/analyze/report wshake/analyze/correlate"},
		{"wshake/analyze/check wshake/analyze/correlate", "wshake/analyze/report"},
	} {
		args := append([]string{"list", "-deps", "-f", "{{.ImportPath}}"}, strings.Fields(row.packages)...)
		out, err := exec.Command("go", args...).CombinedOutput()
		if err != nil {
			t.Fatalf("go %v: %v\n%s", args, err, out)
		}
		for _, dep := range strings.Fields(string(out)) {
			for _, prefix := range strings.Fields(row.forbidden) {
				if dep == prefix || strings.HasPrefix(dep, prefix+"/") {
					t.Errorf("%s depends on %s", row.packages, dep)
				}
			}
		}
	}
}

// gopacket, pflag and tablewriter are used by one package each.
func TestBorrowedTypesStayInTheirCorner(t *testing.T) {
	corners := map[string][]string{
		"github.com/google/gopacket":        {"wshake/capture", "wshake/reassembly"},
		"github.com/spf13/pflag":            {"wshake/cmd"},
		"github.com/olekukonko/tablewriter": {"wshake/analyze/report"},
	}
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "wshake/...").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		words := strings.Fields(line)
		for _, imported := range words[1:] {
			for library, allowed := range corners {
				if imported != library && !strings.HasPrefix(imported, library+"/") {
					continue
				}
				ok := false
				for _, a := range allowed {
					ok = ok || words[0] == a || strings.HasPrefix(words[0], a+"/")
				}
				if !ok {
					t.Errorf("%s imports %s", words[0], imported)
				}
			}
		}
	}
}
