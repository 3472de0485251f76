package main

import (
	"fmt"
	"strings"

	"wshake/analyze/check"
)

// runChecks lists the catalogue, or explains what NAME stands for.
func runChecks(args []string, std stdio) int {
	width := columns(std.out)
	if width <= 0 {
		width = 80
	}
	if len(args) == 0 {
		for _, c := range check.Catalogue {
			fmt.Fprintf(std.out, "%-6s  %-7s  %-34s  %s\n", c.ID, c.Level, c.Name, strings.Join(fold(c.When, max(width-53, 27)), "\n"+strings.Repeat(" ", 53)))
		}
		return exitDone
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
