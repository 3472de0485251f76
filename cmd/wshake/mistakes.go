package main

import (
	"errors"
	"fmt"
	"io/fs"
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

// argOf is what stands for the value of a flag in the help.
func argOf(name string) string {
	for i := range flagTable {
		if flagTable[i].name == name {
			return flagTable[i].arg
		}
	}
	return "VALUE"
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
		return "a connection: its number in the table, CONN/STREAM for HTTP/2, or its ADDRESS:PORT"
	}
	return "what it takes: " + argOf(f.Name)
}

// unknownChecks names the first word that stands for no check.
func unknownChecks(flag string, words []string) error {
	for _, word := range words {
		if len(check.Matching(word)) == 0 {
			return fmt.Errorf("%s: there is no check, id, group or level %q%s", flag, word,
				suggest.Meant(word, check.Words()))
		}
	}
	return nil
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
	}
	return text
}
