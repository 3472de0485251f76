package main

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"

	"wshake/analyze/check"
	"wshake/analyze/suggest"
)

// command is a word that may stand in front. Without one wshake analyses.
type command struct {
	name string
	also string // another word for it
	arg  string
	help string
	run  func(args []string, std stdio) int // nil: parse understands it
}

// commands is the only list of them: help, man page and completions are made from it. It is a function since what it
// lists reads it.
func commands() []command {
	return []command{
		{"view", "", "FILE...", "show captures in a browser, by a page that this machine serves", nil},
		{"browse", "", "FILE...", "look through captures on the terminal: attempts, a conversation, a message; ? shows the keys", runBrowse},
		{"check", "checks", "[NAME]", "list the checks, or explain one: what it means and how to fix it", runChecks},
		{"interfaces", "", "", "list the interfaces to capture from", func(_ []string, std stdio) int { return runInterfaces(std) }},
		{"help", "", "[WORD]", "this text, or help on one flag, command or check", runHelp},
		{"version", "", "", "print the version", func(_ []string, std stdio) int { return runVersion(std) }},
		{"completion", "", "SHELL", "print the completions for bash, zsh or fish", runCompletion},
		{"man", "", "", "print the manual page: wshake man | man -l -", runMan},
	}
}

// commandNamed is the command that the arguments begin with, nil where they begin with none.
func commandNamed(args []string) *command {
	if len(args) == 0 {
		return nil
	}
	for _, c := range commands() {
		if args[0] == c.name || args[0] == c.also && c.also != "" {
			return &c
		}
	}
	return nil
}

func commandNames() []string {
	var names []string
	for _, c := range commands() {
		names = append(names, c.name)
	}
	return names
}

// otherWords are commands of other programs, and what they are called here.
var otherWords = map[string]string{
	"explain": "check", "rule": "check", "rules": "check", "tui": "browse", "show": "browse", "web": "view", "serve": "view", "open": "view",
}

// hintCommand says which command a file may have been meant for that does not exist.
func hintCommand(files []string, std stdio) {
	if len(files) == 0 || strings.ContainsAny(files[0], "./") {
		return
	}
	if _, err := os.Stat(files[0]); err == nil {
		return
	}
	c := otherWords[files[0]]
	if c == "" {
		c = suggest.Closest(files[0], commandNames())
	}
	if c != "" {
		fmt.Fprintf(std.err, "hint: did you mean the command wshake %s?\n", c)
	}
}

func runVersion(std stdio) int {
	fmt.Fprintln(std.out, version())
	return exitDone
}

// runHelp explains everything in short, or each word that is asked for.
func runHelp(words []string, std stdio) int {
	width := columns(std.out)
	if width <= 0 {
		width = 80
	}
	if len(words) == 0 {
		usage(std.out, width)
		return exitDone
	}
	status := exitDone
	for _, word := range words {
		if !helpOn(word, std, width) {
			known := slices.Concat(commandNames(), check.Words())
			for i := range flagTable {
				known = append(known, flagTable[i].name)
			}
			std.complain("there is no flag, command or check %q%s", word,
				cmp.Or(suggest.Meant(strings.TrimLeft(word, "-"), known), "; wshake help lists flags and commands"))
			status = exitUsage
		}
	}
	return status
}

// helpOn explains a word, false where it is not known.
func helpOn(word string, std stdio, width int) bool {
	name := strings.TrimLeft(word, "-")
	found := false
	for _, f := range flagRows() {
		if f.name == name || f.short == name {
			printFlag(std.out, &f, width)
			switch f.name {
			case "where":
				printExpressions(std.out)
			case "config":
				fmt.Fprintf(std.out, "\nAll that such a file may hold:\n\n%s", exampleConfig)
			}
			found = true
		}
	}
	if c := commandNamed([]string{word}); c != nil {
		fmt.Fprintf(std.out, "%s\n", strings.TrimRight("wshake "+c.name+" "+c.arg, " "))
		fmt.Fprintf(std.out, "  %s\n", strings.Join(fold(c.help, width-3), "\n  "))
		found = true
	}
	if len(check.Matching(word)) > 0 {
		runChecks([]string{word}, std)
		found = true
	}
	return found
}
