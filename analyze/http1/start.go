package http1

import (
	"bytes"
	"fmt"
	"strings"
	"wshake/analyze/event"
)

// maxMethod is the longest method believed to be one. The longest registered method has 17 octets.
const maxMethod = 20

const versionPrefix = "HTTP/"

// misfit returns the index of the first octet of prefix that cannot stand where it does in a start line, or -1. It
// looks at the first few octets only: a stream of something else is to be told early and without collecting it.
func (k Kind) misfit(prefix []byte) int {
	if len(prefix) == 1 && prefix[0] == '\r' {
		return -1 // may be an empty line
	}
	if k == Response {
		for i := range min(len(prefix), len(versionPrefix)) {
			if prefix[i] != versionPrefix[i] {
				return i
			}
		}
		return -1
	}
	for i, c := range prefix[:min(len(prefix), maxMethod+1)] {
		if c == ' ' && i > 0 {
			return -1
		}
		if !tokenOctet[c] || i == maxMethod {
			return i
		}
	}
	return -1
}

func (k Kind) misfitFault(begin []byte) string {
	return fmt.Sprintf("not a %s: %q", [...]string{"request line", "status line"}[k], begin)
}

// lineSection is the section that defines the start line.
func (k Kind) lineSection() string { return [...]string{"RFC 9112 §3", "RFC 9112 §4"}[k] }

// startFault returns what makes line, in which nothing is a misfit, no start line of this kind, or "". The line end is
// not part of it.
func (k Kind) startFault(line []byte) string {
	if k == Request {
		line = bytes.TrimRight(line, " \t")
		if version := line[bytes.LastIndexByte(line, ' ')+1:]; !isVersion(version) || len(version) == len(line) {
			return fmt.Sprintf("request line ends in no HTTP version: %q", clip(line))
		}
		return ""
	}
	version, rest, _ := bytes.Cut(line, []byte(" "))
	if !isVersion(version) {
		return fmt.Sprintf("status line begins with no HTTP version: %q", clip(line))
	}
	rest = bytes.TrimLeft(rest, " ")
	if !(len(rest) >= 3 && isDigit(rest[0]) && isDigit(rest[1]) && isDigit(rest[2]) && (len(rest) == 3 || rest[3] == ' ')) {
		return fmt.Sprintf("status code is not three digits: %q", clip(line))
	}
	return ""
}

// isVersion checks HTTP-version (RFC 9112 §2.3).
func isVersion(v []byte) bool {
	return len(v) == 8 && string(v[:5]) == versionPrefix && isDigit(v[5]) && v[6] == '.' && isDigit(v[7])
}

// lineFault says what makes line no start line, "" where it is one.
func (k Kind) lineFault(line []byte) string {
	if k.misfit(line) >= 0 {
		return k.misfitFault(clip(line))
	}
	return k.startFault(line)
}

// readAnyRequestLine fills in what can be told of a request line that is none, and says what is wrong with it.
func (h *head) readAnyRequestLine() {
	h.fault(0, Request.lineSection(), "%s", Request.lineFault([]byte(h.StartLine)))
	words := strings.FieldsFunc(h.StartLine, isSpace)
	if len(words) == 0 {
		return
	}
	h.Method, words = words[0], words[1:]
	for i, word := range words {
		if len(word) >= len(versionPrefix) && event.EqualFold(word[:len(versionPrefix)], versionPrefix) {
			h.Version, words = word, words[:i]
			break
		}
	}
	h.Target = strings.Join(words, " ")
}

// isSpace reports whether lenient readers split a request line at c (RFC 9112 §3).
func isSpace(c rune) bool { return c == ' ' || '\t' <= c && c <= '\r' }

// readStartLine fills in the parts of h.StartLine, in which startFault found nothing.
func (h *head) readStartLine() {
	line := h.StartLine
	if h.kind == Response {
		version, rest, _ := strings.Cut(line, " ")
		status := strings.TrimLeft(rest, " ")
		if len(status) < len(rest) {
			h.fault(0, h.kind.lineSection(), "several spaces before the status code in %q", line)
		}
		h.Version = version
		h.Status = int(status[0]-'0')*100 + int(status[1]-'0')*10 + int(status[2]-'0')
		if len(status) > 3 {
			h.Reason = status[4:]
		}
		return
	}
	trimmed := trimRightBlanks(line)
	method, last := strings.IndexByte(trimmed, ' '), strings.LastIndexByte(trimmed, ' ')
	h.Method, h.Version = trimmed[:method], trimmed[last+1:]
	between := ""
	if method < last {
		between = trimmed[method+1 : last]
	}
	h.Target = trimBlanks(between)
	switch {
	case h.Target == "":
		h.fault(0, h.kind.lineSection(), "no request target in %q", line)
	case len(h.Target) < len(between), len(trimmed) < len(line), strings.ContainsAny(h.Target, " \t\r"):
		h.fault(0, h.kind.lineSection(), "blanks other than the two single spaces in %q", line)
	}
}

// readCutStartLine fills in the parts of h.StartLine that are certain though its end was not captured: a status, or the
// method and, where the version follows it, the target.
func (h *head) readCutStartLine() {
	line := h.StartLine
	if h.kind == Response {
		if matches([]byte(line), "HTTP/1.d ddd") == Yes {
			h.Version = line[:8]
			h.Status = int(line[9]-'0')*100 + int(line[10]-'0')*10 + int(line[11]-'0')
		}
		return
	}
	method, rest, found := strings.Cut(line, " ")
	if !found {
		return
	}
	h.Method = method
	if i := strings.LastIndex(rest, " HTTP/1."); i >= 0 {
		h.Target = trimBlanks(rest[:i])
		if len(rest) > i+len(" HTTP/1.") {
			h.Version = rest[i+1 : i+1+len("HTTP/1.1")]
		}
	}
}

// fault keeps the first fault of the head; at is in octets from its start line.
func (h *head) fault(at int, section, format, value string) {
	if h.Bad == nil {
		h.Bad = &event.SyntaxError{Offset: h.Offset + uint64(at), Section: section, Text: fmt.Sprintf(format, clip(value))}
	}
}
