package report

import (
	"bytes"
	"encoding/json"
	"io"
	"time"
	"unicode/utf8"

	"wshake/analyze/event"
)

// Sink gathers what an output of another package prints, and writes it in large pieces that end with a line.
type Sink struct {
	output
	object Object
}

// NewSink writes to w.
func NewSink(w io.Writer) *Sink { return &Sink{output: newOutput(w, &Options{})} }

// Line gathers a line.
func (s *Sink) Line(line []byte) { s.keep(append(append(s.buf, line...), '\n')) }

// Print gathers text that may end inside a line.
func (s *Sink) Print(text string) { s.keep(append(s.buf, text...)) }

// Object begins an object that is a line of its own; EndLine gathers it.
func (s *Sink) Object() *Object {
	s.object.Begin(s.buf)
	return &s.object
}

// EndLine ends the object that Object began.
func (s *Sink) EndLine() { s.keep(append(s.object.End(), '\n')) }

// JSON gathers a value as a line of JSON.
func (s *Sink) JSON(value any) {
	b, err := MarshalJSON(value)
	if err != nil {
		s.fail(err)
		return
	}
	s.Line(b)
}

// Pause writes what was gathered: a live capture calls it when no packet waits.
func (s *Sink) Pause() error { return s.write() }

// Flush writes what was gathered and returns the first error of any write.
func (s *Sink) Flush() error { return s.write() }

// MarshalJSON gives a value in JSON, without a line end. What Sanitise escapes is escaped here too, so that it can be
// looked at in a terminal; a decoder gives back the text as it was.
func MarshalJSON(value any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return nil, err
	}
	return escapeHidden(bytes.TrimSuffix(b.Bytes(), []byte{'\n'})), nil
}

// escapeHidden writes the runes in JSON that do not show as themselves as escapes. They can stand in strings only.
func escapeHidden(text []byte) []byte {
	var escaped []byte // nil until there is one
	begin := 0
	var pile pile
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			pile.marks = 0
			if c != 0x7f {
				i++
				continue
			}
		}
		r, n := utf8.DecodeRune(text[i:])
		if hidden(r) || r == 0x7f || pile.overflows(r) {
			escaped = appendEscapedRune(append(escaped, text[begin:i]...), r)
			begin = i + n
		}
		i += n
	}
	if begin == 0 {
		return text
	}
	return append(escaped, text[begin:]...)
}

// RFC3339 is a time in UTC with nanoseconds, "" where the file holds none.
func RFC3339(ns int64) string {
	if ns == event.NoTime {
		return ""
	}
	return time.Unix(0, ns).UTC().Format("2006-01-02T15:04:05.000000000Z")
}

// Plausible reports whether a duration can be told: not one that clocks that jumped or differ make nonsense of.
func Plausible(ns int64) bool { return plausible(ns) }

// File is the name of the file that at counts packets in, "" where it is not known.
func (o *Options) File(at *event.At) string { return o.file(at) }

// Shows reports whether events of a kind are printed.
func (o *Options) Shows(kind event.Kinds) bool { return o.shows(kind) }

// PayloadText is a payload as text, and whether it is one: what was kept, without a last character that was cut, with
// U+FFFD for octets that are not known. It is of the payload's own octets where it can be.
func PayloadText(p *event.Payload) (text []byte, is bool) {
	if !p.Kept || !p.Text {
		return nil, false
	}
	text = wholeText(p)
	if len(p.Unknown) > 0 {
		text = replaceUnknown(p, text, func(n int) string { return string(bytes.Repeat([]byte("\uFFFD"), n)) })
	}
	if !utf8.Valid(text) {
		return nil, false
	}
	return text, true
}
