package http1

import (
	"strings"
	"wshake/analyze/event"
)

// lines walks over the lines of a head's text.
type lines struct {
	text         string
	at           int // where the next line begins
	crlf, bareLF int // line ends met
}

// next returns the next line without its line end. The unfinished last line of a cut head is not returned.
func (l *lines) next() (line string, ok bool) {
	n := strings.IndexByte(l.text[l.at:], '\n')
	if n < 0 {
		return "", false
	}
	line = l.text[l.at : l.at+n]
	l.at += n + 1
	if n > 0 && line[n-1] == '\r' {
		l.crlf++
		return line[:n-1], true
	}
	l.bareLF++
	return line, true
}

// folds reports whether the next line continues the one before.
func (l *lines) folds() bool { return l.at < len(l.text) && isBlank(l.text[l.at]) }

// read takes the text of a head apart.
func (h *head) read(text string, maxFields int) {
	if h.endsInCRs(text) {
		h.readCRLines(text, maxFields)
		return
	}
	l := lines{text: text}
	line, ok := l.next()
	if !ok {
		h.StartLine = text
		if h.Cut == event.CutGap {
			h.readCutStartLine()
		}
		return
	}
	h.StartLine = line
	if h.odd {
		h.readAnyRequestLine()
	} else {
		h.readStartLine()
	}
	most := min(strings.Count(text[l.at:], "\n"), maxFields) // the empty line at the end counts, too
	h.Reserve(most)
	for {
		begin := l.at
		if line, ok = l.next(); !ok || line == "" {
			break
		}
		if isBlank(line[0]) {
			// Right behind the start line: any other was joined to the field before it.
			h.Folded++
			h.fault(begin, "RFC 9112 §2.2", "blanks between the start line and the first field: %q", line)
			continue
		}
		if len(h.Fields) == maxFields {
			if h.Cut == event.Whole {
				h.Cut = event.CutFields
			}
			break
		}
		field := h.readField(begin, line)
		if l.folds() {
			field.Anomalies |= event.Folded
			field.Value = h.unfold(field.Value, &l)
		}
		h.Add(field)
	}
	seen := text[:l.at]
	h.BareLF = l.bareLF
	h.BareCR = strings.Count(seen, "\r") - l.crlf
	if i := strings.IndexByte(seen, 0); i >= 0 {
		h.fault(i, "RFC 9110 §5.5", "a zero octet in the head%s", "")
	}
}

// endsInCRs reports whether text, with which the stream ended, is a request whose lines all end in a bare CR.
func (h *head) endsInCRs(text string) bool {
	return h.kind == Request && h.Cut == event.CutEnd && strings.HasSuffix(text, "\r\r") && !strings.Contains(text, "\n")
}

// readCRLines takes a head apart whose lines all end in a bare CR: a server has answered it as a head.
func (h *head) readCRLines(text string, maxFields int) {
	h.Cut = event.Whole
	h.fault(0, "RFC 9112 §2.2", "lines that end in a bare CR%s", "")
	line, _, _ := strings.Cut(text, "\r")
	h.odd = h.odd || Request.lineFault([]byte(line)) != ""
	h.read(strings.ReplaceAll(text, "\r", "\r\n"), maxFields)
	h.BareCR = strings.Count(text, "\r")
}

// readField takes apart the line that begins at octet begin of the head.
func (h *head) readField(begin int, line string) event.Field {
	colon := tokenLength(line)
	if colon > 0 && colon < len(line) && line[colon] == ':' {
		return event.Field{Name: line[:colon], Value: trimBlanks(line[colon+1:])}
	}
	if colon = strings.IndexByte(line, ':'); colon < 0 {
		h.fault(begin, "RFC 9112 §5", "field line without a colon: %q", line)
		return event.Field{Name: line, Anomalies: event.NoColon}
	}
	field := event.Field{Name: trimRightBlanks(line[:colon]), Value: trimBlanks(line[colon+1:])}
	if len(field.Name) < colon {
		field.Anomalies |= event.SpaceBeforeColon
		h.fault(begin, "RFC 9112 §5.1", "blanks between field name and colon: %q", line)
	}
	if !IsToken(field.Name) {
		field.Anomalies |= event.BadName
		h.fault(begin, "RFC 9110 §5.1", "field name is not a token: %q", field.Name)
	}
	return field
}

// unfold joins value and the lines that continue it by one space each (RFC 9112 §5.2). It builds the value once,
// however many lines there are.
func (h *head) unfold(value string, l *lines) string {
	var joined strings.Builder
	joined.WriteString(value)
	for l.folds() {
		line, ok := l.next()
		if !ok {
			break
		}
		h.Folded++
		joined.WriteByte(' ')
		joined.WriteString(trimBlanks(line))
	}
	return trimBlanks(joined.String())
}
