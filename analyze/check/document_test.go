package check

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite CHECKS.md")

// CHECKS.md is written from the catalogue.
func TestDocumentIsCurrent(t *testing.T) {
	got := document()
	if *update {
		if err := os.WriteFile("CHECKS.md", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("CHECKS.md")
	if err != nil || string(want) != got {
		t.Errorf("CHECKS.md is not what the catalogue says (go test ./analyze/check -update): %v", err)
	}
}

func document() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# The %d checks\n\nWritten from the table in catalogue.go by `go test ./analyze/check -update`. "+
		"`wshake check NAME` prints the same.\n", len(Catalogue))
	b.WriteString("Levels follow the standards' verbs: a broken MUST is an error, a broken SHOULD, or what browsers enforce, a warning, the rest a note.\n\n")
	b.WriteString("| id | name | level | fault | found when | rule |\n|---|---|---|---|---|---|\n")
	for _, c := range Catalogue {
		fmt.Fprintf(&b, "| %s | [%s](#%s) | %s | %s | %s | %s |\n", c.ID, c.Name, c.Name, c.Level, c.Fault, c.When, c.Citation)
	}
	for _, c := range Catalogue {
		fmt.Fprintf(&b, "\n## %s\n\n%s, %s. %s\n\n*Found when* %s.\n\n%s\n\n*To fix it:* %s.\n", c.Name, c.ID, c.Level,
			c.Citation, c.When, c.Description, c.Advice)
	}
	return b.String()
}
