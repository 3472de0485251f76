package report

import (
	"strconv"

	"wshake/analyze/event"
)

// Object is an object of JSON that is written member by member, in the order of the calls: nothing is looked at by
// reflection or kept in a map. Texts are escaped as MarshalJSON escapes them. The zero Object may be used again and again:
//
//	o.Begin(text)
//	o.Text("name", name)
//	text = o.End()
type Object struct {
	text  []byte
	times timestamps
}

// Begin starts an object behind text.
func (o *Object) Begin(text []byte) { o.text = append(text, '{') }

// End closes the object and gives the text with it.
func (o *Object) End() []byte { return append(o.text, '}') }

// Open starts an object inside of the object, which Close ends.
func (o *Object) Open(key string) { o.text = appendObject(o.text, key) }

// Close ends the object that was opened last.
func (o *Object) Close() { o.text = append(o.text, '}') }

// Raw adds a member whose value is JSON already.
func (o *Object) Raw(key, json string) { o.text = append(appendKey(o.text, key), json...) }

// Members adds members that are JSON already, with commas between them.
func (o *Object) Members(json string) {
	if o.text[len(o.text)-1] != '{' {
		o.text = append(o.text, ',')
	}
	o.text = append(o.text, json...)
}

// Name adds a word of ours, in which nothing needs an escape.
func (o *Object) Name(key, word string) { o.text = appendName(o.text, key, word) }

// Text adds a text.
func (o *Object) Text(key, s string) { o.text = appendText(o.text, key, s) }

// Octets adds a text that is in octets.
func (o *Object) Octets(key string, s []byte) { o.text = appendString(appendKey(o.text, key), s) }

// TextUnlessEmpty adds a text, or nothing where there is none.
func (o *Object) TextUnlessEmpty(key, s string) {
	if s != "" {
		o.Text(key, s)
	}
}

// TextIfKnown adds a text that was seen.
func (o *Object) TextIfKnown(key string, s event.Opt[string]) {
	if s.Known {
		o.Text(key, s.Value)
	}
}

// Base64 adds octets.
func (o *Object) Base64(key string, p []byte) { o.text = appendBase64(o.text, key, p) }

// Uint adds a number.
func (o *Object) Uint(key string, n uint64) { o.text = appendUint(o.text, key, n) }

// Int adds a number.
func (o *Object) Int(key string, n int64) { o.text = appendInt(o.text, key, n) }

// UintOrNull adds a number, null where it was not seen.
func (o *Object) UintOrNull(key string, n event.Opt[uint64]) { o.text = appendOptUint(o.text, key, n) }

// Code adds the code of a Close frame that has one.
func (o *Object) Code(key string, code event.Opt[uint16]) {
	if code.Known {
		o.Uint(key, uint64(code.Value))
	}
}

// Bool adds true or false.
func (o *Object) Bool(key string, v bool) { o.text = appendBool(o.text, key, v) }

// List adds a list of texts.
func (o *Object) List(key string, list []string) { o.text = appendList(o.text, key, list) }

// Stamps writes times; those of one second are written faster.
type Stamps struct{ times timestamps }

// Append appends a time in UTC with nanoseconds, nothing where the file holds none.
func (s *Stamps) Append(b []byte, ns int64) []byte {
	if ns == event.NoTime {
		return b
	}
	return append(s.times.appendDecimals(b, ns, 9), 'Z')
}

// Time adds a time in UTC with nanoseconds, null where the file holds none.
func (o *Object) Time(key string, ns int64) { o.text = o.times.append(o.text, key, ns) }

// Micros adds a time in UTC with microseconds and +0000 behind them, null where the file holds none.
func (o *Object) Micros(key string, ns int64) {
	if ns == event.NoTime {
		o.text = appendNull(o.text, key)
		return
	}
	o.text = append(appendKey(o.text, key), '"')
	o.text = append(o.times.appendDecimals(o.text, ns, 6), `+0000"`...)
}

// Seconds adds a time as seconds since the epoch with microseconds.
func (o *Object) Seconds(key string, ns int64) {
	o.text = appendKey(o.text, key)
	n := uint64(ns)
	if ns < 0 {
		o.text, n = append(o.text, '-'), -n
	}
	o.text = strconv.AppendUint(o.text, n/1e9, 10)
	o.text = appendDigits(append(o.text, '.'), uint32(n%1e9/1e3), 6)
}
