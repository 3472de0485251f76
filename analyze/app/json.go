package app

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// JSON whose end may be cut off. Values are given as sent; one that is cut is what there is of it.

func blanks(p []byte) []byte {
	for len(p) > 0 && (p[0] == ' ' || p[0] == '\t' || p[0] == '\r' || p[0] == '\n') {
		p = p[1:]
	}
	return p
}

// value splits the value that p begins with from what is behind it, nil where p begins with none.
func value(p []byte) (v, rest []byte) {
	if len(p) == 0 {
		return nil, nil
	}
	switch p[0] {
	case '"':
		for i := 1; i < len(p); i++ {
			switch p[i] {
			case '\\':
				i++
			case '"':
				return p[:i+1], p[i+1:]
			}
		}
		return p, nil
	case '{', '[':
		depth, inside := 0, false
		for i := 0; i < len(p); i++ {
			switch c := p[i]; {
			case inside && c == '\\':
				i++
			case c == '"':
				inside = !inside
			case inside:
			case c == '{' || c == '[':
				depth++
			case c == '}' || c == ']':
				if depth--; depth == 0 {
					return p[:i+1], p[i+1:]
				}
			}
		}
		return p, nil
	}
	n := 0
	for n < len(p) && strings.IndexByte(" \t\r\n,:]}", p[n]) < 0 {
		n++
	}
	if n == 0 {
		return nil, p
	}
	return p[:n], p[n:]
}

// member is the value of a key in the object that p begins with, nil where it is not there.
func member(p []byte, key string) []byte {
	if p = blanks(p); len(p) == 0 || p[0] != '{' {
		return nil
	}
	p = blanks(p[1:])
	for len(p) > 0 && p[0] == '"' {
		k, rest := value(p)
		if rest = blanks(rest); len(rest) == 0 || rest[0] != ':' {
			return nil
		}
		v, rest := value(blanks(rest[1:]))
		if v == nil {
			return nil
		}
		if len(k) == len(key)+2 && string(k[1:len(k)-1]) == key {
			return v
		}
		if rest = blanks(rest); len(rest) == 0 || rest[0] != ',' {
			return nil
		}
		p = blanks(rest[1:])
	}
	return nil
}

// path is the value at the end of keys into objects within objects.
func path(p []byte, keys ...string) []byte {
	for _, key := range keys {
		p = member(p, key)
	}
	return p
}

// elements are the first values of the array that p begins with, at most n of them; nil where it begins with none.
func elements(p []byte, n int) (list [][]byte) {
	if p = blanks(p); len(p) == 0 || p[0] != '[' {
		return nil
	}
	p = blanks(p[1:])
	list = make([][]byte, 0, n)
	for len(list) < n {
		v, rest := value(p)
		if v == nil {
			return list
		}
		list = append(list, v)
		if rest = blanks(rest); len(rest) == 0 || rest[0] != ',' {
			return list
		}
		p = blanks(rest[1:])
	}
	return list
}

// element is the value at index i of a list, nil where the list is shorter.
func element(list [][]byte, i int) []byte {
	if i >= len(list) {
		return nil
	}
	return list[i]
}

// text is a string as it is meant, or another value as sent, on one line; "" for null and for nothing.
func text(v []byte) string {
	if len(v) == 0 || string(v) == "null" {
		return ""
	}
	if v[0] != '"' {
		return strings.Join(strings.Fields(string(v)), " ")
	}
	var s string
	if json.Unmarshal(v, &s) == nil {
		return s
	}
	v = v[1:] // cut, or with an escape that is none
	if n := len(v); n > 0 && v[n-1] == '"' {
		v = v[:n-1]
	}
	for n := 1; n < utf8.UTFMax && n <= len(v); n++ {
		if c := v[len(v)-n]; utf8.RuneStart(c) {
			if !utf8.FullRune(v[len(v)-n:]) {
				v = v[:len(v)-n]
			}
			break
		}
	}
	return string(v) + "…"
}

// str is text of a string, "" of anything else.
func str(v []byte) string {
	if len(v) == 0 || v[0] != '"' {
		return ""
	}
	return text(v)
}

// reason is what an error value says: a string, or the message of an object, or the first of a list.
func reason(v []byte) string {
	if len(v) == 0 {
		return ""
	}
	switch v[0] {
	case '{':
		for _, key := range []string{"message", "reason", "error", "description"} {
			if s := member(v, key); len(s) > 0 && s[0] == '"' {
				return text(s)
			}
		}
	case '[':
		if first := element(elements(v, 1), 0); first != nil && first[0] == '{' {
			return reason(first)
		}
	}
	return text(v)
}

// small is a whole number from 0 to 999, -1 where v is none.
func small(v []byte) int {
	if len(v) == 0 || len(v) > 3 {
		return -1
	}
	n := 0
	for _, c := range v {
		if c < '0' || c > '9' {
			return -1
		}
		n = 10*n + int(c-'0')
	}
	return n
}
