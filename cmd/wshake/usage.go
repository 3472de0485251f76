package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"
)

// usage prints the help text from the table of flags, folded to width columns (80 where there is no terminal).
func usage(w io.Writer, width int) {
	if width <= 0 {
		width = 80
	}
	fmt.Fprint(w, `wshake reads packet captures (pcap, pcapng; plain, gzip, zstd), finds every WebSocket
handshake in them, verifies it, decodes what follows, and says what is wrong,
whose fault it is and how to mend it.

Usage:
  wshake [flags] FILE...     analyse captures; - is standard input, a directory all in it
  wshake [flags] -i NAME     listen on an interface until ^C
  wshake view FILE...        show them in a browser, by a page served on this machine
  wshake interfaces          list the interfaces
  wshake checks [NAME]       list the checks, or explain one
`)
	fs := pflag.NewFlagSet("", pflag.ContinueOnError)
	group := ""
	for i := range flagTable {
		f := &flagTable[i]
		if f.group != group {
			group = f.group
			fmt.Fprintf(w, "\n%s:\n", group)
		}
		f.bind(fs, new(raw), f)
		name := "    --" + f.name
		if short := fs.Lookup(f.name).Shorthand; short != "" {
			name = "-" + short + ", --" + f.name
		}
		if f.arg != "" {
			name += " " + f.arg
		}
		fmt.Fprintf(w, "  %-24s", name)
		if len(name) > 24 {
			fmt.Fprintf(w, "\n%26s", "")
		}
		fmt.Fprintln(w, strings.Join(fold(f.help, width-27), "\n"+strings.Repeat(" ", 26)))
	}
	fmt.Fprint(w, `
Exit status: 0 done, 1 findings at or above --fail-on, 2 usage error, 3 something
could not be read (what could be was analysed).
`)
}

// fold breaks text at blanks into lines of at most width columns, where words allow.
func fold(text string, width int) []string {
	var folded []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			folded = append(folded, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(folded, line)
}
