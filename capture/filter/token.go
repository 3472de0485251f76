package filter

import (
	"fmt"
	"strings"
)

// Error tells why an expression is refused.
type Error struct {
	Word   string // of the expression, empty at its end
	Offset int    // of Word, in octets
	Reason string
}

func (e *Error) Error() string {
	if e.Word == "" {
		return "filter: " + e.Reason
	}
	colon := ":"
	if strings.HasPrefix(e.Reason, "stands ") { // a sentence whose subject is the word
		colon = ""
	}
	return fmt.Sprintf("filter: %q%s %s", e.Word, colon, e.Reason)
}

// token is a word, a parenthesis or an operator, whose symbol is written as its word: and, or, not.
type token struct {
	text   string // as sent
	word   string // as understood, empty at the end
	offset int
}

func (t token) refuse(format string, args ...any) *Error {
	return &Error{Word: t.text, Offset: t.offset, Reason: fmt.Sprintf(format, args...)}
}

func (t token) is(words ...string) bool {
	for _, w := range words {
		if t.word == w {
			return true
		}
	}
	return false
}

// maxExpression is how long an expression may be, in octets.
const maxExpression = 1 << 16

// symbols in the order in which they are tried.
var symbols = []struct{ text, word string }{{"(", "("}, {")", ")"}, {"&&", "and"}, {"||", "or"}, {"!", "not"}}

// tokens splits an expression; the last token is its end.
func tokens(expr string) ([]token, error) {
	if len(expr) > maxExpression {
		return nil, &Error{Reason: fmt.Sprintf("the expression has %d octets, more than the limit of %d", len(expr), maxExpression)}
	}
	var list []token
next:
	for at := 0; at < len(expr); {
		if isSpace(expr[at]) {
			at++
			continue
		}
		for _, s := range symbols {
			if strings.HasPrefix(expr[at:], s.text) {
				list = append(list, token{s.text, s.word, at})
				at += len(s.text)
				continue next
			}
		}
		n := span(expr[at:], isWord)
		if n == 0 || strings.HasPrefix(expr[at+n:], "[") {
			odd := token{text: expr[at : at+n+span(expr[at+n:], isOdd)], offset: at}
			return nil, odd.refuse("arithmetic and octets of the packet are not supported")
		}
		word := expr[at : at+n]
		list = append(list, token{word, word, at})
		at += n
	}
	return append(list, token{offset: len(expr)}), nil
}

func span(s string, in func(byte) bool) int {
	for i := range len(s) {
		if !in(s[i]) {
			return i
		}
	}
	return len(s)
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80 || strings.IndexByte(`._:-/\%`, c) >= 0
}

func isOdd(c byte) bool { return !isSpace(c) && c != '(' && c != ')' }
