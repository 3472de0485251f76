package app

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// longest is how much of a name or a text is kept, octets.
const longest = 120

// cut shortens s to what is kept of a text.
func cut(s string) string {
	if len(s) <= longest {
		return s
	}
	n := longest
	for n > longest-utf8.UTFMax && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// join puts words behind each other, without those that are empty.
func join(words ...string) string {
	var b strings.Builder
	for _, w := range words {
		if w == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(cut(w))
	}
	return b.String()
}

// labelled is "label value", "" without a value.
func labelled(label, value string) string {
	if value == "" {
		return ""
	}
	return label + " " + cut(value)
}

// quoted is "label "value"", "" without a value.
func quoted(label, value string) string {
	if value == "" {
		return ""
	}
	if label != "" {
		label += " "
	}
	return label + `"` + cut(value) + `"`
}

// octets is a count of octets.
func octets(n uint64) string {
	if n == 1 {
		return "1 octet"
	}
	return strconv.FormatUint(n, 10) + " octets"
}

// firstLine is s up to its first line end.
func firstLine(s string) string {
	if i := strings.IndexAny(s, "\r\n"); i >= 0 {
		return s[:i]
	}
	return s
}

// first is the first octet of p, where there is one.
func first(p []byte) (byte, bool) {
	if len(p) == 0 {
		return 0, false
	}
	return p[0], true
}

func hasPrefix(p []byte, prefix string) bool {
	return len(p) >= len(prefix) && string(p[:len(prefix)]) == prefix
}
