package report

import (
	"strings"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
)

// Widths are in columns of a terminal: a wide character takes two, a mark none.

// octetsPerColumn bounds how many marks may be piled on a column.
const octetsPerColumn = 8

// ahead cuts wire text to what can matter for n columns, so that a cell costs the same however long its value is. It
// need not be sanitised yet.
func ahead(s string, n int) string {
	if len(s) <= n*octetsPerColumn {
		return s
	}
	s = s[:n*octetsPerColumn]
	for i := 0; i < utf8.UTFMax && len(s) > 0; i++ {
		if r, size := utf8.DecodeLastRuneInString(s); r != utf8.RuneError || size != 1 {
			break
		}
		s = s[:len(s)-1]
	}
	return s + "…"
}

func columns(s string) int { return displaywidth.String(s) }

// fit cuts s to at most n columns. What was cut shows as an ellipsis at the end.
func fit(s string, n int) string {
	if len(s) <= n { // no octet takes more than a column
		return s
	}
	if n <= 0 {
		return ""
	}
	return displaywidth.TruncateString(ahead(s, n), n, "…")
}

// fitList cuts a list to at most n columns: it loses whole members, so that no number is cut.
func fitList(s string, n int) string {
	const more = ", …"
	left := s
	for columns(s) > n {
		i := strings.LastIndex(left, ", ")
		if i < 0 {
			return fit("…", n)
		}
		left = left[:i]
		s = left + more
	}
	return s
}

// fitConn cuts the names of two legs to at most n columns: the second is left out, since half a number names another.
func fitConn(s string, n int) string {
	if first, _, two := strings.Cut(s, "→"); two && columns(s) > n {
		return fit(first+"→…", n)
	}
	return fit(s, n)
}

// fitTime cuts the fraction of a time, which is ASCII, to at most n columns in all.
func fitTime(s string, n int) string { return strings.TrimSuffix(s[:min(n, len(s))], ".") }

// fitAddress cuts an address to at most n columns: first it loses its port, then its beginning. Of two with an arrow
// between, the second goes before the first is cut.
func fitAddress(s string, n int) string {
	if len(s) <= n || columns(s) <= n { // an arrow is three octets, and one column
		return s
	}
	first, second, two := strings.Cut(s, " → ")
	if two {
		a, b := withoutPort(first), withoutPort(second) // of one machine only the ports tell the two apart
		if s = a + " → " + b; a != b && columns(s) <= n {
			return s
		}
		return fitAddress(first, n)
	}
	return fitEnd(withoutPort(s), n)
}

func withoutPort(address string) string {
	if i := strings.LastIndexByte(address, ':'); i > 0 {
		return address[:i]
	}
	return address
}

// fitEnd cuts s to at most n columns at its beginning: of an address the port is what tells it from others. s is
// ASCII.
func fitEnd(s string, n int) string {
	if len(s) <= n {
		return s
	}
	if n <= 0 {
		return ""
	}
	return "…" + s[len(s)-n+1:]
}

// Fold breaks s at blanks into lines: the first of at most first columns, the others of rest. Only a word that is
// longer than rest is broken itself. With rest 0 there is no limit.
func Fold(s string, first, rest int) []string {
	if rest <= 0 {
		return []string{s}
	}
	line, s := foldOnce(s, first, first >= rest)
	lines := []string{line}
	for s != "" {
		line, s = foldOnce(strings.TrimLeft(s, " "), rest, true)
		lines = append(lines, line)
	}
	return lines
}

// foldOnce takes the first line of s, and says what is left. Without a blank to break at the line is empty, or where
// breakWords says so, as long as may be.
func foldOnce(s string, n int, breakWords bool) (line, left string) {
	if len(s) <= n {
		return s, ""
	}
	end, used, blank := 0, 0, -1
	g := displaywidth.StringGraphemes(s)
	for g.Next() {
		if used+g.Width() > n {
			switch {
			case g.Value() == " ":
				return s[:end], s[end+1:]
			case blank >= 0:
				return s[:blank], s[blank+1:]
			case !breakWords:
				return "", s
			case end == 0:
				end = len(g.Value())
			}
			return s[:end], s[end:]
		}
		if g.Value() == " " {
			blank = end
		}
		end += len(g.Value())
		used += g.Width()
	}
	return s, ""
}

// chunks cuts s into pieces of at most n columns, losing nothing. With n 0 there is no limit.
func chunks(s string, n int) []string {
	if n <= 0 || len(s) <= n || columns(s) <= n {
		return []string{s}
	}
	var pieces []string
	begin, end, used := 0, 0, 0
	g := displaywidth.StringGraphemes(s)
	for g.Next() {
		w := g.Width()
		if end > begin && (used+w > n || end-begin > n*octetsPerColumn) {
			pieces = append(pieces, s[begin:end])
			begin, used = end, 0
		}
		end += len(g.Value())
		used += w
	}
	return append(pieces, s[begin:end])
}
