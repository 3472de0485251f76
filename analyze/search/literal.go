package search

import "bytes"

// literal is a text that is looked for as it is.
type literal struct {
	octets []byte
	rare   int // the place of the octet that is probably the rarest in messages
}

// common are the octets that most of English text and JSON are made of, the most frequent first.
const common = ` "etaoinsrhldcu:,mfpgwyb{}.01v2k-345678_9xjqz/SATCIENOR`

func newLiteral(octets []byte) *literal {
	l := &literal{octets: octets}
	for i, c := range octets {
		if rank(c) > rank(octets[l.rare]) {
			l.rare = i
		}
	}
	return l
}

// index is bytes.Index, which stops at each octet that is the literal's first: this stops at the rare one.
func (l *literal) index(text []byte) int {
	stops := 0
	for at := l.rare; at < len(text); at++ {
		i := bytes.IndexByte(text[at:], l.octets[l.rare])
		if i < 0 {
			return -1
		}
		at += i
		if bytes.HasPrefix(text[at-l.rare:], l.octets) {
			return at - l.rare
		}
		if stops++; stops > 16+at/8 { // it is not rare here
			begin := at - l.rare + 1
			if i = bytes.Index(text[begin:], l.octets); i >= 0 {
				i += begin
			}
			return i
		}
	}
	return -1
}
