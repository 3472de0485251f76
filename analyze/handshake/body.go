package handshake

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"

	"wshake/analyze/event"
	"wshake/analyze/http1"
)

// BodyKept is how much of a refusal's body is kept to look for the reason, octets: error pages of some frameworks begin
// with several KiB of styles.
const BodyKept = 8 << 10

// Limits of what is looked at of a decoded body, octets. No body, however it is compressed, costs more than this.
const (
	decodedKept = 16 << 10
	textKept    = 4 << 10 // of Body.Text
	visibleKept = 1 << 10 // of Body.Visible
)

// bodyTold is how much of a body its event holds, octets.
const bodyTold = 512

// textCut is the length of text cut to most octets between two characters.
func textCut(text string, most int) int {
	if len(text) <= most {
		return len(text)
	}
	for !utf8.RuneStart(text[most]) {
		most--
	}
	return most
}

// Body is the beginning of an answer's body, as a person would read it.
type Body struct {
	Text   string // decoded by its Content-Encoding and charset, control characters kept
	IsText bool   // Text holds text; else the body could not be decoded, or is none
	Reason string // what it says in one line: a JSON message, the title of a page, the first line of a text
	// Visible is the beginning of the text of a page, without its tags, styles and scripts.
	Visible string
}

// ReadBody decodes the beginning of the body of r, of which octets were captured.
func ReadBody(r *event.Head, octets []byte) (b Body) {
	if r == nil || len(octets) == 0 {
		return b
	}
	plain, ok := decode(octets, r.Values("Content-Encoding"))
	if !ok || len(plain) == 0 {
		return b
	}
	text, ok := toUTF8(plain, r.Get("Content-Type"))
	if !ok {
		return b
	}
	b.IsText = true
	b.Reason, b.Visible = reason(text)
	b.Text = text[:textCut(text, textKept)]
	return b
}

// decode undoes the content codings (RFC 9110 §8.4), as far as the octets go.
func decode(octets []byte, codings []string) (plain []byte, ok bool) {
	list := http1.List9110(codings)
	if len(list) > 4 { // nobody nests so many
		return nil, false
	}
	plain = octets
	for i := len(list) - 1; i >= 0; i-- {
		var r io.Reader
		var err error
		switch coding := strings.ToLower(list[i]); coding {
		case "identity":
			continue
		case "gzip", "x-gzip":
			r, err = gzip.NewReader(bytes.NewReader(plain))
		case "deflate": // zlib, though some send DEFLATE alone
			if r, err = zlib.NewReader(bytes.NewReader(plain)); err != nil {
				r, err = flate.NewReader(bytes.NewReader(plain)), nil
			}
		case "br":
			r = brotli.NewReader(bytes.NewReader(plain))
		case "zstd":
			d := zstdDecoders.Get().(*zstd.Decoder)
			defer zstdDecoders.Put(d)
			r, err = d, d.Reset(bytes.NewReader(plain))
		default:
			return nil, false
		}
		if err != nil {
			return nil, false
		}
		var out bytes.Buffer
		io.Copy(&out, io.LimitReader(r, decodedKept)) // an error is where the captured octets end
		plain = out.Bytes()
	}
	return plain[:min(len(plain), decodedKept)], true
}

// zstdDecoders keep their windows for the next body.
var zstdDecoders = sync.Pool{New: func() any {
	const window = 2 << 20 // what encoders take that do not know the length
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(window))
	if err != nil {
		panic(err) // the options are constants
	}
	return d
}}

// toUTF8 converts text in the charset that contentType, or the text itself, names.
func toUTF8(plain []byte, contentType string) (text string, ok bool) {
	encoding, _, certain := charset.DetermineEncoding(plain, contentType)
	converted := plain
	if certain || !validPrefix(plain) {
		var err error
		if converted, err = encoding.NewDecoder().Bytes(plain); err != nil {
			return "", false
		}
	}
	if !validPrefix(converted) {
		return "", false
	}
	for _, c := range converted {
		if c < ' ' && c != '\t' && c != '\r' && c != '\n' && c != '\f' {
			return "", false // no text
		}
	}
	for len(converted) > 0 && !utf8.Valid(converted) { // a character was cut at the end
		converted = converted[:len(converted)-1]
	}
	return string(converted), true
}

// validPrefix says that p is UTF-8, or the beginning of it.
func validPrefix(p []byte) bool {
	for cut := 0; cut < utf8.UTFMax && cut <= len(p); cut++ {
		if utf8.Valid(p[:len(p)-cut]) {
			return true
		}
	}
	return false
}

// reasonKept is how long a reason may be, characters.
const reasonKept = 160

// reason is what a body says, in one line, and the visible text of a page.
func reason(text string) (line, visible string) {
	trimmed := strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
	switch {
	case trimmed == "":
		return "", ""
	case trimmed[0] == '{' || trimmed[0] == '[' || trimmed[0] == '"':
		if said := jsonReason(trimmed); said != "" {
			return oneLine(said), ""
		}
	case trimmed[0] == '<':
		line, visible = htmlReason(trimmed)
		return oneLine(line), visible
	}
	return oneLine(firstParagraph(trimmed)), ""
}

// firstParagraph is the text up to an empty line.
func firstParagraph(text string) string {
	for _, end := range []string{"\n\n", "\r\n\r\n"} {
		text, _, _ = strings.Cut(text, end)
	}
	return text
}

func oneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	n := 0
	for i := range text {
		if n++; n > reasonKept {
			return text[:i] + "…"
		}
	}
	return text
}

// reasonKeys are the members of a JSON object that hold what went wrong, the likeliest first.
var reasonKeys = []string{"message", "error_description", "detail", "error", "reason", "title", "description", "msg", "errors"}

// jsonReason is what a JSON text says, also when its end was not captured.
func jsonReason(text string) string {
	d := json.NewDecoder(strings.NewReader(text))
	said := make(map[string]string)
	var keys []string // of the objects that are open; "" for a list
	key := ""         // whose value comes next
	wantKey := []bool{}
	for len(keys) <= 8 {
		t, err := d.Token()
		if err != nil {
			break
		}
		object := len(wantKey) > 0 && wantKey[len(wantKey)-1]
		switch t := t.(type) {
		case json.Delim:
			switch t {
			case '{', '[':
				keys, wantKey = append(keys, key), append(wantKey, t == '{')
				if t == '{' {
					key = ""
				}
			default:
				key, keys, wantKey = "", keys[:len(keys)-1], wantKey[:len(wantKey)-1]
			}
			continue
		case string:
			if object && key == "" {
				key = strings.ToLower(t)
				if key == "" {
					key = "-"
				}
				continue
			}
			if len(keys) == 0 {
				return t
			}
			if _, before := said[key]; !before {
				said[key] = t
			}
		}
		if object {
			key = ""
		}
	}
	for _, k := range reasonKeys {
		if said[k] != "" {
			return said[k]
		}
	}
	return ""
}

// htmlReason is the title of a page, its first heading where the title says no more than a status, or its first
// paragraph where that does not, either; and the beginning of all its text.
func htmlReason(text string) (said, visible string) {
	z := html.NewTokenizer(strings.NewReader(text))
	var title, heading, paragraph, label, all strings.Builder
	paragraphs := 0 // that are over
	in := ""
	for {
		switch z.Next() {
		case html.ErrorToken:
			visible = strings.Join(strings.Fields(all.String()), " ")
			var any string
			for _, b := range []*strings.Builder{&title, &heading, &paragraph, &label} {
				s := strings.TrimSpace(b.String())
				if s != "" && !statusOnly(s) {
					return s, visible
				}
				if any == "" {
					any = s
				}
			}
			return any, visible
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			switch in = string(name); in {
			case "p", "div", "li", "td", "pre", "body", "hr", "center":
				paragraphs = endParagraph(&paragraph, &label, paragraphs)
			}
		case html.EndTagToken:
			switch name, _ := z.TagName(); string(name) {
			case "p", "div", "li", "td", "pre", "center":
				paragraphs = endParagraph(&paragraph, &label, paragraphs)
			}
			in = ""
		case html.TextToken:
			s := string(z.Text())
			if in == "script" || in == "style" {
				continue
			}
			if all.Len() < visibleKept {
				all.WriteString(s[:textCut(s, visibleKept-all.Len())])
				all.WriteByte(' ')
			}
			switch in {
			case "title":
				title.WriteString(s)
			case "h1", "h2":
				if strings.TrimSpace(heading.String()) == "" {
					heading.WriteString(s)
				}
			default:
				if paragraphs == 0 && paragraph.Len() < reasonKept*2 {
					paragraph.WriteString(s)
				}
			}
		}
	}
}

// endParagraph counts a paragraph that is over. One that is a label, or says no more than a status, does not count: the
// next one is read, and the first label is kept for where none comes.
func endParagraph(b, label *strings.Builder, over int) int {
	s := strings.TrimSpace(b.String())
	if over == 0 && (len(strings.Fields(s)) < 3 || statusOnly(s)) {
		if label.Len() == 0 && !statusOnly(s) {
			label.WriteString(s)
		}
		b.Reset()
		return 0
	}
	return over + 1
}

// statusOnly says that text says no more than a status of HTTP does.
func statusOnly(text string) bool {
	if strings.ContainsFunc(text, func(c rune) bool { return c > unicode.MaxASCII && unicode.IsLetter(c) }) {
		return false // in another language
	}
	words := strings.FieldsFunc(strings.ToLower(text), func(c rune) bool { return c < 'a' || c > 'z' })
	for _, w := range words {
		if !strings.Contains(" http status error code bad request unauthorized forbidden not found method allowed internal server gateway "+
			"service unavailable timeout time out upgrade required too many requests type report temporarily page ", " "+w+" ") {
			return false
		}
	}
	return true
}
