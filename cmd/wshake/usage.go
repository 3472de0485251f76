package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"wshake/analyze/query"
)

// flagRows is the table of flags with their letters, for whoever describes them.
func flagRows() []describedFlag {
	fs := pflag.NewFlagSet("", pflag.ContinueOnError)
	rows := make([]describedFlag, len(flagTable))
	for i := range flagTable {
		f := &flagTable[i]
		f.bind(fs, new(raw), f)
		rows[i] = describedFlag{flagRow: f, short: fs.Lookup(f.name).Shorthand, optional: fs.Lookup(f.name).NoOptDefVal != ""}
	}
	return rows
}

// describedFlag is a row of the table of flags and its letter, "" for none.
type describedFlag struct {
	*flagRow
	short    string
	optional bool // it may stand without a value
}

// exitStatuses is the table of exit statuses, also in the manual page and the README.
var exitStatuses = []struct {
	status  int
	meaning string
}{
	{exitDone, "all was read"},
	{exitFindings, "--fail-on was given, and there is a finding at that level or above"},
	{exitUsage, "the command line is wrong, or --follow names no conversation"},
	{exitInput, "something could not be read or written; what could be read was analysed"},
}

const introduction = `wshake reads packet captures and says what happened to every WebSocket handshake in
them and to the conversation after it: what is wrong, whose fault it is, and how to
fix it.`

// usageForms are the ways to call it. Those of commands follow from their table.
var usageForms = []struct{ form, help string }{
	{"wshake [FLAGS] FILE... [FILTER]", "analyse captures: pcap, pcapng, gzip, zstd; - is standard input"},
	{"wshake [FLAGS] -i NAME [FILTER]", "listen on an interface until ^C"},
}

// examples are first things to try.
var examples = []struct{ form, help string }{
	{"wshake capture.pcap", "what happened, and what is wrong"},
	{"wshake --follow 6 capture.pcap", "all that was said on connection 6"},
	{"wshake --keylog keys capture.pcap", "wss:// too, with the secrets that a browser wrote"},
	{"wshake -i eth0 tcp port 8080", "the same of what passes now"},
	{"wshake check proxy-stripped-upgrade", "what a finding means, and how to fix it"},
}

// usage prints the help text from the tables, folded to width columns (80 where there is no terminal).
func usage(w io.Writer, width int) {
	if width <= 0 {
		width = 80
	}
	fmt.Fprintln(w, strings.Join(fold(introduction, width-1), "\n"))
	fmt.Fprint(w, "\nUsage:\n")
	for _, u := range usageForms {
		item(w, u.form, u.help, 34, width)
	}
	for _, c := range commands() {
		item(w, strings.TrimRight("wshake "+c.name+" "+c.arg, " "), c.help, 34, width)
	}
	fmt.Fprint(w, "\nExamples:\n")
	for _, e := range examples {
		item(w, e.form, e.help, 38, width)
	}
	group := ""
	for _, f := range flagRows() {
		if f.group != group {
			group = f.group
			fmt.Fprintf(w, "\n%s:\n", group)
		}
		printFlag(w, &f, width)
	}
	fmt.Fprint(w, "\nExit status:\n")
	for _, e := range exitStatuses {
		item(w, fmt.Sprint(e.status), e.meaning, 2, width)
	}
}

func printFlag(w io.Writer, f *describedFlag, width int) {
	name := "    --" + f.name
	if f.short != "" {
		name = "-" + f.short + ", --" + f.name
	}
	if f.arg != "" {
		name += " " + f.arg
	}
	item(w, name, f.help, 24, width)
}

// printExpressions lists the names and operators of expressions.
func printExpressions(w io.Writer) {
	for _, t := range query.Help() {
		fmt.Fprintf(w, "\n%s:\n", t.Title)
		for _, e := range t.Examples {
			fmt.Fprintf(w, "  %-18s  %s\n", strings.ReplaceAll(e.What, ",", " "), e.Expression)
		}
	}
	fmt.Fprint(w, "\nA value that was not seen is nil: neither a comparison with it nor its negation takes an event.\n"+
		"Times are those of UTC; time == takes the whole of what is written: a year, a day, a second.\n")
}

// item prints what a form means beside it, or below it where the form is longer than column.
func item(w io.Writer, form, help string, column, width int) {
	if column > width/2 {
		column = 24
	}
	fmt.Fprintf(w, "  %-*s", column, form)
	if len(form) > column {
		fmt.Fprintf(w, "\n  %*s", column, "")
	}
	indent := "\n" + strings.Repeat(" ", column+4)
	fmt.Fprintln(w, "  "+strings.Join(fold(help, max(width-column-5, 16)), indent))
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
