package query

import (
	"fmt"
	"strconv"
	"strings"

	"wshake/analyze/suggest"
)

// short is a word for an expression.
type short struct{ word, expression string }

// shorts are the words of --only, beside the names of checks.
var shorts = []short{
	{"established", `verdict == "established"`},
	{"refused", `verdict == "refused"`},
	{"invalid", `verdict == "invalid"`},
	{"incomplete", `verdict == "incomplete"`},
	{"other-upgrade", `verdict == "other-upgrade"`},
	{"failed", `verdict in ["refused", "invalid", "incomplete"]`},
	{"text", `opcode == "text"`},
	{"binary", `opcode == "binary"`},
	{"sent", `from == "client"`},
	{"received", `from == "server"`},
	{"tls", `tls`},
	{"errors", `level == "error"`},
	{"warnings", `level == "warning"`},
}

// Shorts lists the words for Only.
func Shorts() []string {
	words := make([]string, len(shorts))
	for i, s := range shorts {
		words[i] = s.word
	}
	return words
}

// Only gives the expression for words, any of which may be true: those of Shorts, and names of checks.
func Only(words []string) (string, error) {
	var any []string
	for _, w := range words {
		e, err := shortFor(w)
		if err != nil {
			return "", err
		}
		any = append(any, "("+e+")")
	}
	return strings.Join(any, " || "), nil
}

func shortFor(word string) (string, error) {
	for _, s := range shorts {
		if s.word == word {
			return s.expression, nil
		}
	}
	names := checkNames()
	for _, n := range names {
		if n == word {
			return "finding == " + strconv.Quote(word), nil
		}
	}
	return "", fmt.Errorf("%q is none of %s, or a check%s", word, strings.Join(Shorts(), ", "),
		suggest.Meant(word, append(Shorts(), names...)))
}
