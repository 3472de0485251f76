package http1

import (
	"iter"
	"slices"
)

// List9110 returns the members of a #list (RFC 9110 §5.6.1), as Upgrade and Connection are, from the values of all its
// field lines, outer blanks trimmed. An empty member is kept as "": a recipient ignores it, but no sender may generate
// it. A value with nothing in it is a list of no members.
func List9110(values []string) []string { return slices.Collect(Members(values)) }

// Members yields what [List9110] returns.
func Members(values []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, value := range values {
			if trimBlanks(value) == "" {
				continue
			}
			for _, member := range elementsOf(value) {
				if !yield(member) {
					return
				}
			}
		}
	}
}

// SplitElements returns the elements of a list by the rule of RFC 2616 §2.1, which the Sec-WebSocket fields follow,
// from the values of all its field lines: each as sent, outer blanks trimmed, empty elements dropped, for there they
// are legal.
func SplitElements(values []string) []string {
	var elements []string
	for _, value := range values {
		for _, element := range elementsOf(value) {
			if element != "" {
				elements = append(elements, element)
			}
		}
	}
	return elements
}

// elementsOf yields what stands between the commas of value outside quoted strings, outer blanks trimmed, with the
// offset where it begins. A quoted string that is not closed runs to the end.
func elementsOf(value string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for begin := 0; begin <= len(value); {
			end := begin + elementLength(value[begin:])
			from := begin
			for from < end && isBlank(value[from]) {
				from++
			}
			if !yield(from, trimRightBlanks(value[from:end])) {
				return
			}
			begin = end + 1
		}
	}
}

func elementLength(s string) int {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted:
			i++
		case c == ',' && !quoted:
			return i
		}
	}
	return len(s)
}
