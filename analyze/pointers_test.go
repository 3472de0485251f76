package analyze

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"wshake/analyze/check"
	"wshake/analyze/event"
)

// checkNames finds the names of checks in a sentence.
func checkNames() *regexp.Regexp {
	var names []string
	for _, c := range check.Catalogue {
		if strings.Contains(c.Name, "-") { // others are words as well
			names = append(names, c.Name)
		}
	}
	return regexp.MustCompile(`\b(` + strings.Join(names, "|") + `)\b`)
}

// A text never points to a finding that does not exist.
func TestTextsPointToFindingsThatExist(t *testing.T) {
	names := checkNames()
	look := func(t *testing.T, path string, r *recorder) {
		for _, f := range r.findings {
			for _, name := range names.FindAllString(f.Text+" "+f.Advice, -1) {
				if !slices.ContainsFunc(r.findings, func(g *event.Finding) bool { return g.Name == name }) {
					t.Errorf("%s: %s says %q, and there is no %s", path, f.Name, f.Text+" "+f.Advice, name)
				}
			}
			if c := f.Follows; c != nil && !slices.ContainsFunc(r.findings, func(g *event.Finding) bool { return g.Conn == c.Conn && g.Name == c.Name }) {
				t.Errorf("%s: %s follows %s of connection %s, which is not told", path, f.Name, c.Name, c.Conn)
			}
			if strings.Contains(f.Text, "breaks no rule") || strings.Contains(f.Text, "keeps to the rules") {
				for _, g := range r.findings {
					if g.Conn == f.Conn && g.Level == event.Error && g.Fault != f.Fault && g.At.Ordinal < f.At.Ordinal {
						t.Errorf("%s: %s says %q beside %s", path, f.Name, f.Text, g.Name)
					}
				}
			}
		}
	}
	for _, path := range sampled(t, dialogues(t)) {
		look(t, path, playDialogue(t, parseDialogue(t, path)))
	}
	for _, path := range glob(t, filepath.Join("..", "testdata", "captures", "*.pcapng")) {
		look(t, path, analyseFile(t, path))
	}
}
