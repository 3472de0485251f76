package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go/parser"
	"go/token"
)

// What is made parses, stands in the lists, and is not made twice.
func TestNewCheck(t *testing.T) {
	top := t.TempDir()
	for _, name := range []string{"catalogue.go", "catalogue_test.go"} {
		text, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(top, "analyze", "check", name)
		os.MkdirAll(filepath.Dir(path), 0o755)
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(top)
	if err := run([]string{"RSP-98", "answer-odd", "warning"}); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"analyze/check/answer_odd.go":              "ID: \"RSP-98\", Name: \"answer-odd\", Level: event.Warning",
		"analyze/check/catalogue.go":               "\t&checkAnswerOdd,\n}",
		"analyze/check/catalogue_test.go":          "\t{\"RSP-98\", \"answer-odd\", event.Warning},\n}",
		"testdata/dialogues/answer-odd/bad.txtar":  "expect: answer-odd\n",
		"testdata/dialogues/answer-odd/good.txtar": "expect:\n",
	} {
		text, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s: %v, no %q", path, err, want)
		}
		if strings.HasSuffix(path, ".go") {
			if _, err := parser.ParseFile(token.NewFileSet(), path, text, 0); err != nil {
				t.Error(err)
			}
		}
	}
	if err := run([]string{"RSP-98", "answer-odd", "warning"}); err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("again: %v", err)
	}
	for _, args := range [][]string{nil, {"rsp", "answer-odd", "note"}, {"RSP-98", "Answer", "note"}, {"RSP-98", "answer-odd", "fatal"}} {
		if err := run(args); err == nil || !strings.Contains(err.Error(), "usage") {
			t.Errorf("%v: %v", args, err)
		}
	}
}
