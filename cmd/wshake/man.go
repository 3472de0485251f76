package main

import (
	"fmt"
	"io"
	"strings"
)

// runMan prints the manual page, in the language of man(7).
func runMan(_ []string, std stdio) int {
	man(std.out)
	return exitDone
}

// roff makes text safe for a manual page: a line must not begin with a control character, and - is a minus.
var roff = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, ".", `\&.`)

func man(w io.Writer) {
	line := func(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }
	line(`.TH WSHAKE 1 "" "%s" "User Commands"`, roff.Replace(version()))
	line(".nh\n.ad l") // names that are to be typed are not broken, lines not stretched
	line(".SH NAME\nwshake \\- what happened to every WebSocket handshake in a packet capture")
	line(".SH SYNOPSIS")
	for i, u := range usageForms {
		if i > 0 {
			line(".br")
		}
		line(".B %s", roff.Replace(u.form))
	}
	for _, c := range commands() {
		line(".br\n.B %s", roff.Replace(strings.TrimRight("wshake "+c.name+" "+c.arg, " ")))
	}
	line(".SH DESCRIPTION\n%s", roff.Replace(introduction))
	line(".SH COMMANDS\nWithout a command wshake analyses what it is given.")
	for _, c := range commands() {
		line(".TP\n.B %s\n%s", roff.Replace(strings.TrimRight(c.name+" "+c.arg, " ")), roff.Replace(c.help))
	}
	group := ""
	for _, f := range flagRows() {
		if f.group != group {
			group = f.group
			line(".SH %s", strings.ToUpper(group))
		}
		name := roff.Replace(strings.Join(f.spelt(), ", "))
		if f.arg != "" {
			name += ` \fI` + roff.Replace(f.arg) + `\fR`
		}
		line(".TP\n.B %s\n%s", name, roff.Replace(f.help))
	}
	line(".SH EXAMPLES")
	for _, e := range examples {
		line(".TP\n.B %s\n%s", roff.Replace(e.form), roff.Replace(e.help))
	}
	line(".SH EXIT STATUS")
	for _, e := range exitStatuses {
		line(".TP\n.B %d\n%s", e.status, roff.Replace(e.meaning))
	}
	line(".SH FILES\n.TP\n.I %s\n%s", roff.Replace("~/.config/wshake/wshake.toml"),
		roff.Replace("the team's policy and values for flags; wshake help config shows all that it may hold"))
	line(".SH SEE ALSO\n.BR tcpdump (8),\n.BR pcap\\-filter (7),\n.BR tshark (1)")
}
