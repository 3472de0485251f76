package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"github.com/spf13/pflag"

	"wshake/analyze/check"
	"wshake/analyze/suggest"
)

// mistake says in plain words what is wrong with the flags, and what to type.
func mistake(err error) error {
	var unknown *pflag.NotExistError
	var bare *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		return unknownFlag(unknown)
	case errors.As(err, &bare):
		return fmt.Errorf("--%s needs a value: --%s %s", bare.GetFlag().Name, bare.GetFlag().Name, argOf(bare.GetFlag().Name))
	case errors.As(err, &invalid):
		flag := invalid.GetFlag()
		return fmt.Errorf("--%s %q is not %s", flag.Name, invalid.GetValue(), wanted(flag))
	}
	return err
}

// unknownFlag names what may have been meant.
func unknownFlag(e *pflag.NotExistError) error {
	name := e.GetSpecifiedName()
	if e.GetSpecifiedShortnames() != "" { // a letter
		if habit := habits[name]; habit != "" {
			return fmt.Errorf("there is no -%s; %s", name, habit)
		}
		return fmt.Errorf("there is no flag -%s", name)
	}
	return mistakenName(name)
}

// mistakenName says which flag may have been meant.
func mistakenName(name string) error {
	names := make([]string, len(flagTable))
	for i := range flagTable {
		names[i] = flagTable[i].name
	}
	if k := suggest.Closest(name, names); k != "" {
		return fmt.Errorf("there is no flag --%s; did you mean --%s?", name, k)
	}
	return fmt.Errorf("there is no flag --%s", name)
}

// flagFirst is the flag that an error begins with.
var flagFirst = regexp.MustCompile(`^--([a-z-]+)`)

// hintHelp says where help on a mistake is.
func hintHelp(err error, std stdio) {
	var config *configError
	if errors.As(err, &config) {
		fmt.Fprintln(std.err, "hint: wshake help config shows all that such a file may hold")
		return
	}
	if m := flagFirst.FindStringSubmatch(err.Error()); m != nil && argOf(m[1]) != unknownArg {
		fmt.Fprintf(std.err, "hint: wshake help %s explains --%s\n", m[1], m[1])
		return
	}
	fmt.Fprintln(std.err, "hint: wshake help lists the commands and flags")
}

// unknownArg stands for the value of a flag that is not known.
const unknownArg = "VALUE"

// argOf is what stands for the value of a flag in the help.
func argOf(name string) string {
	for i := range flagTable {
		if flagTable[i].name == name {
			return flagTable[i].arg
		}
	}
	return unknownArg
}

// wanted says what a flag takes, for who gave it something else.
func wanted(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "int":
		return "a whole number"
	case "duration":
		return "a time such as 90s, 5m or 2h"
	case "size":
		return "a size such as 64KiB, 16MiB or 1000000"
	case "bool":
		return "true or false; the flag alone is enough"
	case "CONN":
		return "a connection: give its number in the table, CONN/STREAM for HTTP/2, or its ADDRESS:PORT"
	}
	return "what it takes: " + argOf(f.Name)
}

// unknownChecks names the first word that stands for no check.
func unknownChecks(flag string, words []string) error {
	for _, word := range words {
		if len(check.Matching(word)) == 0 {
			return fmt.Errorf("%s: %s", flag, noCheck(word))
		}
	}
	return nil
}

// noCheck says which check may have been meant by a word that stands for none.
func noCheck(word string) string {
	return fmt.Sprintf("there is no check, id, group or level %q%s", word,
		cmp.Or(suggest.Meant(word, check.Words()), "; wshake check lists them"))
}

// plainly is the text of an error without the names of system calls.
func plainly(err error) string {
	text := err.Error()
	var path *fs.PathError
	if errors.As(err, &path) {
		name := path.Path
		if path.Op == "write" {
			name = "cannot write " + name
		}
		text = strings.Replace(text, path.Error(), name+": "+path.Err.Error(), 1)
		text = strings.Replace(text, name+": "+name+": ", name+": ", 1) // who passes it on may name the file, too
	}
	return text
}
