package html

import (
	"strconv"
	"unicode/utf8"

	"wshake/analyze/event"
	"wshake/analyze/report"
)

// How much is shown of what a peer chose, where it stands outside of its head, octets. A peer may send 64 KiB in each
// field of each request, and the memory of a run must not grow by that.
const (
	valueMost    = 300
	pathMost     = 1000
	sentenceMost = 2000
	elementsMost = 50 // of a list
)

// shown is s as the page shows it: sanitised, and cut where it is longer than most octets.
func shown(s string, most int) string {
	if len(s) <= most {
		return report.Sanitise(s)
	}
	n := most
	for n > most-utf8.UTFMax && !utf8.RuneStart(s[n]) {
		n--
	}
	return report.Sanitise(s[:n]) + "… (" + strconv.Itoa(len(s)-n) + " octets left out)"
}

// text is a value that may not have been seen, as the page shows it.
func text(o event.Opt[string]) *string {
	if !o.Known {
		return nil
	}
	s := shown(o.Value, valueMost)
	return &s
}

func texts(o event.Opt[[]string]) *[]string {
	if !o.Known {
		return nil
	}
	list := make([]string, 0, min(len(o.Value), elementsMost))
	for i, s := range o.Value {
		if i == elementsMost {
			list = append(list, "… ("+strconv.Itoa(len(o.Value)-i)+" left out)")
			break
		}
		list = append(list, shown(s, valueMost))
	}
	return &list
}
