// Package suggest finds what a mistyped word may stand for.
package suggest

import (
	"fmt"
	"strings"
)

// Closest finds the known word that a mistyped one may stand for, "" where none is near.
func Closest(word string, known []string) string {
	if len(word) > 64 { // no word of ours is that long
		return ""
	}
	typed := strings.ToLower(word)
	best, least := "", max((len(typed)+1)/3, 1)
	for _, k := range known {
		d := Distance(typed, strings.ToLower(k))
		if len(typed) >= 3 && (strings.HasPrefix(k, typed) || len(typed) >= 5 && strings.Contains(k, typed)) {
			d = min(d, 1)
		}
		if d < least || d == least && best == "" {
			best, least = k, d
		}
	}
	return best
}

// Meant is "; did you mean X?" where a known word is near.
func Meant(word string, known []string) string {
	if k := Closest(word, known); k != "" {
		return fmt.Sprintf("; did you mean %s?", k)
	}
	return ""
}

// Distance counts the letters to insert, delete, replace or swap with the next to get from a to b (restricted
// Damerau-Levenshtein).
func Distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
