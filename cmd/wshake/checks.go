package main

import (
	"fmt"
	"strings"

	"wshake/analyze/check"
)

// runChecks lists the catalogue, or explains what NAME stands for.
func runChecks(args []string, std stdio) int {
	width := columns(std.out)
	if len(args) == 0 {
		listChecks(std, width)
		return exitDone
	}
	if width <= 0 {
		width = 80
	}
	status := exitDone
	for _, word := range args {
		found := check.Matching(word)
		if len(found) == 0 {
			std.complain("%s", noCheck(word))
			status = exitUsage
		}
		for i, c := range found {
			if i > 0 {
				fmt.Fprintln(std.out)
			}
			explain(std, c, width)
		}
	}
	return status
}

// listChecks lists the catalogue: a check a line where that goes to a program, else folded, or below its name where
// there is little room.
func listChecks(std stdio, width int) {
	const column, below, roomy = 53, 8, 110
	for _, c := range check.Catalogue {
		head := fmt.Sprintf("%-6s  %-7s  %s", c.ID, c.Level, c.Name)
		switch {
		case width <= 0:
			fmt.Fprintf(std.out, "%-*s%s\n", column, head, c.When)
		case width < roomy:
			indent := "\n" + strings.Repeat(" ", below)
			fmt.Fprintln(std.out, head+indent+strings.Join(fold(c.When, max(width-below, 16)), indent))
		default:
			indent := "\n" + strings.Repeat(" ", column)
			fmt.Fprintf(std.out, "%-*s%s\n", column, head, strings.Join(fold(c.When, width-column), indent))
		}
	}
}

func explain(std stdio, c *check.Check, width int) {
	fault := "nobody, or the side that the finding names"
	if f := c.Fault.String(); f != "" {
		fault = f
	}
	fmt.Fprintf(std.out, "%s (%s), %s\n", c.Name, c.ID, c.Level)
	for _, part := range []struct{ label, text string }{
		{"found when", c.When}, {"fault", fault}, {"rule", c.Citation}, {"why", c.Description}, {"fix", c.Advice},
	} {
		fmt.Fprintf(std.out, "  %-10s  %s\n", part.label, strings.Join(fold(part.text, width-14), "\n"+strings.Repeat(" ", 14)))
	}
}
