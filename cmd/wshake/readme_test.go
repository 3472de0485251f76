package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"wshake/analyze/check"
)

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Every console example of the README that runs wshake prints what the README shows.
func TestREADMEExamplesAreTrue(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := string(text)
	example := regexp.MustCompile("(?s)(```console\n\\$ go run ./cmd/wshake )([^\n]*)\n(.*?)```")
	if !example.MatchString(shown) {
		t.Fatal("the README shows no example")
	}
	shown = example.ReplaceAllStringFunc(shown, func(e string) string {
		m := example.FindStringSubmatch(e)
		_, out, errs := wshake(strings.Fields(m[2])...)
		if got := errs + out; got != m[3] && !*update {
			t.Errorf("wshake %s: %s", m[2], difference(m[3], got))
		}
		return m[1] + m[2] + "\n" + errs + out + "```"
	})
	if *update && shown != string(text) {
		if err := os.WriteFile("README.md", []byte(shown), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestREADMECountsChecks(t *testing.T) {
	m := regexp.MustCompile(`(\d+) checks`).FindStringSubmatch(readme(t))
	if m == nil || m[1] != strconv.Itoa(len(check.Catalogue)) {
		t.Errorf("the README counts %v, the catalogue has %d", m, len(check.Catalogue))
	}
}

// Every line of the README that calls wshake has flags and commands that there are.
func TestREADMECommandsAreUnderstood(t *testing.T) {
	fence := regexp.MustCompile("(?s)```[a-z]*\n(.*?)```")
	called := 0
	for _, block := range fence.FindAllStringSubmatch(readme(t), -1) {
		for line := range strings.Lines(block[1]) {
			line = strings.TrimSpace(line)
			if !strings.HasPrefix(line, "wshake ") {
				continue
			}
			line, _, _ = strings.Cut(line, "  ") // what it does stands behind
			line, _, _ = strings.Cut(line, " |")
			line = strings.NewReplacer("[flags] ", "", "CONN", "1", "[NAME]", "", "[WORD]", "", "'", "").Replace(line)
			words := strings.Fields(strings.TrimSuffix(line, "&"))[1:]
			called++
			if c := commandNamed(words); c != nil && c.run != nil {
				continue
			}
			if _, err := parse(words); err != nil {
				t.Errorf("%s: %v", line, err)
			}
		}
	}
	if called < 15 {
		t.Errorf("the README calls wshake only %d times", called)
	}
}

// Exit statuses are told as the program tells them.
func TestREADMETellsExitStatuses(t *testing.T) {
	text := readme(t)
	for _, e := range exitStatuses {
		row := "| " + strconv.Itoa(e.status) + " | " + e.meaning + " |"
		if !strings.Contains(strings.ReplaceAll(text, "`", ""), row) {
			t.Errorf("the README lacks %s", row)
		}
	}
}
