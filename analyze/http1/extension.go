package http1

import (
	"fmt"
	"strings"
)

// Param is one parameter of an [Extension]. Value is unescaped; HasValue tells "a=" something from a bare "a".
type Param struct {
	Name, Value      string
	HasValue, Quoted bool
}

// Extension is one element of Sec-WebSocket-Extensions. Names and order are as sent; Text is the whole element as
// sent, outer blanks trimmed.
type Extension struct {
	Name   string
	Params []Param
	Text   string
}

// ExtensionError is the first place where extension lists break the grammar of RFC 6455 §9.1.
type ExtensionError struct {
	Line   int // index of the field line among the values
	Offset int // octets into that value
	Text   string
}

func (e *ExtensionError) Error() string {
	return fmt.Sprintf("field line %d, offset %d: %s (RFC 6455 §9.1)", e.Line+1, e.Offset, e.Text)
}

// ParseExtensions reads the values of all Sec-WebSocket-Extensions lines of a message (RFC 6455 §9.1): a list of the
// RFC 2616 kind, blanks allowed around every separator, a quoted value must unescape to a token. No lines are no
// extensions; lines that name none are an error. The error, when there is one, is an [*ExtensionError], and the
// extensions before it are returned with it.
func ParseExtensions(values []string) ([]Extension, error) {
	var extensions []Extension
	for line, value := range values {
		for offset, element := range elementsOf(value) {
			if element == "" {
				continue
			}
			r := extensionReader{text: element}
			extension, fault := r.extension()
			if fault != "" {
				return extensions, &ExtensionError{line, offset + r.at, fault}
			}
			extensions = append(extensions, extension)
		}
	}
	if len(values) > 0 && len(extensions) == 0 {
		return nil, &ExtensionError{0, 0, "no extension is named"}
	}
	return extensions, nil
}

// extensionReader reads one element. On a fault, at is where it is.
type extensionReader struct {
	text string
	at   int
}

func (r *extensionReader) extension() (e Extension, fault string) {
	e.Text = r.text
	if e.Name = r.token(); e.Name == "" {
		return e, r.wanted("an extension name")
	}
	for r.blanks(); r.at < len(r.text); r.blanks() {
		if !r.separator(';') {
			return e, r.wanted("a semicolon or comma")
		}
		var param Param
		if param, fault = r.param(); fault != "" {
			return e, fault
		}
		e.Params = append(e.Params, param)
	}
	return e, ""
}

func (r *extensionReader) param() (p Param, fault string) {
	r.blanks()
	if p.Name = r.token(); p.Name == "" {
		return p, r.wanted("a parameter name")
	}
	r.blanks()
	if !r.separator('=') {
		return p, ""
	}
	p.HasValue = true
	r.blanks()
	if r.at < len(r.text) && r.text[r.at] == '"' {
		p.Quoted = true
		p.Value, fault = r.quoted()
		return p, fault
	}
	if p.Value = r.token(); p.Value == "" {
		return p, r.wanted("a parameter value")
	}
	return p, ""
}

func (r *extensionReader) quoted() (value, fault string) {
	begin := r.at
	var unescaped strings.Builder
	for i := begin + 1; i < len(r.text); i++ {
		switch c := r.text[i]; {
		case c == '"' && IsToken(unescaped.String()):
			r.at = i + 1
			return unescaped.String(), ""
		case c == '"':
			return "", fmt.Sprintf("quoted value %q is not a token", clip(unescaped.String()))
		case c == '\\' && i+1 < len(r.text):
			i++
			unescaped.WriteByte(r.text[i])
		default:
			unescaped.WriteByte(c)
		}
	}
	return "", "quoted value is not closed"
}

func (r *extensionReader) token() string {
	begin := r.at
	r.at += tokenLength(r.text[begin:])
	return r.text[begin:r.at]
}

func (r *extensionReader) blanks() {
	for r.at < len(r.text) && isBlank(r.text[r.at]) {
		r.at++
	}
}

func (r *extensionReader) separator(c byte) bool {
	if r.at == len(r.text) || r.text[r.at] != c {
		return false
	}
	r.at++
	return true
}

func (r *extensionReader) wanted(what string) string {
	if r.at == len(r.text) {
		return fmt.Sprintf("%s is missing at the end of %q", what, clip(r.text))
	}
	return fmt.Sprintf("%q where %s should be", clip(r.text[r.at:]), what)
}
