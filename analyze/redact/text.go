package redact

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"
)

// Mask stands for a secret: it tells its length, nothing of its text.
func Mask(secret string) string {
	if len(secret) == 1 {
		return masked + ", 1 character]"
	}
	return fmt.Sprintf("%s, %d characters]", masked, len(secret))
}

// masked begins every mask.
const masked = "[redacted"

// mask is one, and nothing else: a peer may write its beginning.
var mask = lazily(`\[redacted, [0-9]{1,19} characters?\]`)

// longestMask is how long one may be, octets.
const longestMask = 48

// Text takes secrets out of any text with values from the wire in it: a target, the value of a field, a sentence.
func Text(s string) string { return reading{}.text(s) }

// reading says how a text is read.
type reading struct {
	decoded int  // how often its encoding was undone
	keys    bool // values of the form of Sec-WebSocket-Key and Sec-WebSocket-Accept are these
}

func (r reading) text(s string) string {
	if i := strings.IndexAny(s, "\r\n"); i >= 0 { // another field may be hidden behind it
		return r.text(s[:i]) + Mask(s[i:])
	}
	if s == "" {
		return s
	}
	s = userinfo().ReplaceAllStringFunc(s, func(user string) string { return "//" + Mask(user[2:len(user)-1]) + "@" })
	s = scheme().ReplaceAllStringFunc(s, func(c string) string {
		part := scheme().FindStringSubmatch(c)
		if credential(part[3]) {
			return part[1] + part[2] + Mask(part[3])
		}
		return c
	})
	s = member().ReplaceAllStringFunc(s, func(m string) string {
		part := member().FindStringSubmatch(m)
		if Name(part[2]) && part[4] != "" && mask().FindString(part[4]) != part[4] {
			return part[1] + part[2] + part[3] + Mask(part[4])
		}
		return m
	})
	return r.pieces(s)
}

var (
	// userinfo is the user, and often the password, of a URL (RFC 3986 §3.2.1), in any of the encodings of its marks.
	userinfo = lazily(`//[^/?#\s"'<>\[\]@]+@`)
	// scheme is that of credentials, and the credentials (RFC 9110 §11.4).
	scheme = lazily(`(?i)\b(bearer|basic|digest|negotiate|ntlm|token|apikey|api-key|hawk|mac|aws4-hmac-sha256)([ \t:]+)([^\s"',;\[\]]+)`)
	// member is one of an object in JSON, also where its quotes are escaped.
	member = lazily(`(\\*["'])([^"'\\]{1,64})(\\*["']\s*:\s*\\*["']?)(\[redacted, [0-9]+ characters?\]|(?:[^"'\\,}]|\\[^"'])*)`)
)

// credential tells what may follow the name of a scheme from a word of a sentence.
func credential(s string) bool {
	return strings.ContainsAny(s, "0123456789=._-+/~") || s != strings.ToLower(s)
}

// between are the characters that end a piece of text.
const between = " \"'&#\t<>(){}|\\^`"

// pieces takes secrets out of the pieces of a text, and leaves masks as they are.
func (r reading) pieces(s string) string {
	var shown strings.Builder
	named := false // what follows a mask is secret, too: the mask may be what a peer wrote into its secret
	for rest := s; rest != ""; {
		n := strings.IndexAny(rest, between)
		if n < 0 {
			n = len(rest)
		}
		if m := strings.Index(rest[:n], masked); m >= 0 { // a mask has blanks in it
			if whole := mask().FindStringIndex(rest[m:min(m+longestMask, len(rest))]); whole != nil && whole[0] == 0 {
				shown.WriteString(r.part(rest[:m], named))
				named = named || parameter(rest[:m]+"x") == m
				shown.WriteString(rest[m : m+whole[1]])
				rest = rest[m+whole[1]:]
				continue
			}
		}
		shown.WriteString(r.part(rest[:n], named))
		if named = false; n < len(rest) {
			shown.WriteByte(rest[n])
			n++
		}
		rest = rest[n:]
	}
	return shown.String()
}

// part takes the secrets out of a piece of text, or of what is left of it, which may all be one.
func (r reading) part(s string, secret bool) string {
	if secret && s != "" {
		return Mask(s)
	}
	return r.piece(s)
}

// mostInPiece bounds how many secrets of a piece are hidden one by one. Of more all of the rest is hidden.
const mostInPiece = 8

// piece takes the secrets out of a piece of text.
func (r reading) piece(s string) string {
	if r.keys && handshakeKey(strings.TrimRight(s, ",;:.")) {
		return s
	}
	var shown strings.Builder
	rest := s
	for n := 0; rest != ""; n++ {
		begin, end := find(rest)
		if begin < 0 {
			break
		}
		if n == mostInPiece {
			end = len(rest)
		}
		shown.WriteString(rest[:begin])
		shown.WriteString(Mask(rest[begin:end]))
		rest = rest[end:]
	}
	if shown.Len() > 0 {
		return shown.String() + rest
	}
	// What shows only when it is decoded is hidden whole: where it stands in the encoded text is not known.
	if r.decoded < maxDecoded && strings.ContainsAny(s, "%+") {
		if decoded, err := url.QueryUnescape(s); err == nil && decoded != s {
			r.decoded++
			if r.text(decoded) != decoded {
				return Mask(s)
			}
		}
	}
	return s
}

// find finds the first secret in a piece of text, -1 where there is none.
func find(s string) (begin, end int) {
	begin = -1
	found := func(b, e int) {
		if b >= 0 && b < e && (begin < 0 || b < begin) {
			begin, end = b, e
		}
	}
	found(parameter(s), len(s))
	found(segment(s))
	found(userAndPassword(s))
	found(webToken(s))
	found(random(s))
	return begin, end
}

// userAndPassword finds both in front of a host, where no // announces them.
func userAndPassword(s string) (begin, end int) {
	if i := strings.IndexAny(s, "/?#"); i >= 0 {
		s = s[:i]
	}
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || at == len(s)-1 || !strings.Contains(s[:at], ":") {
		return -1, -1
	}
	return 0, at
}

// shortestToken is how much of a JSON Web Token is taken for one, octets: a sentence may quote only its beginning.
const shortestToken = 16

// webToken finds a JSON Web Token (RFC 7519 §3), whole or cut.
func webToken(s string) (begin, end int) {
	begin = strings.Index(s, "eyJ")
	if begin < 0 {
		return -1, -1
	}
	for end = begin; end < len(s) && (opaque(s[end]) || s[end] == '.' || s[end] == '='); end++ {
	}
	if end-begin < shortestToken {
		return -1, -1
	}
	return begin, end
}

// parameter finds the value behind a name that says it is a secret.
func parameter(s string) int {
	for begin := 0; ; {
		n := strings.IndexAny(s[begin:], "=")
		if n < 0 {
			break
		}
		name := s[begin : begin+n]
		if i := strings.LastIndexAny(name, "?;,/"); i >= 0 {
			name = name[i+1:]
		}
		begin += n + 1
		if Name(name) && begin < len(s) {
			return begin
		}
	}
	name, value, found := strings.Cut(s, ":")
	if found && value != "" && !strings.HasPrefix(value, "//") && Name(name) && !strings.Contains(name, "/") {
		return len(name) + 1
	}
	return -1
}

// segment finds the part of a path behind one that says it is a secret.
func segment(s string) (begin, end int) {
	path, _, _ := strings.Cut(s, "?")
	for at := 0; ; {
		n := strings.IndexByte(path[at:], '/')
		if n < 0 {
			return -1, -1
		}
		name := path[at : at+n]
		at += n + 1
		next, _, _ := strings.Cut(path[at:], "/")
		if next != "" && Name(name) && !endpoint[strings.ToLower(next)] {
			return at, at + len(next)
		}
	}
}

// endpoint are words that stand behind such a part of a path and are no secret.
var endpoint = map[string]bool{"ws": true, "wss": true, "websocket": true, "socket": true, "login": true, "logout": true, "connect": true,
	"stream": true, "api": true, "v1": true, "v2": true, "v3": true, "chat": true, "events": true, "realtime": true, "token": true, "callback": true}

// random finds a run of letters and digits that is too long and too mixed to be made of words.
func random(s string) (begin, end int) {
	for begin < len(s) {
		digits, letters, changes := 0, 0, 0
		digit := false
		for end = begin; end < len(s) && opaque(s[end]); end++ {
			is := '0' <= s[end] && s[end] <= '9'
			if end > begin && is != digit {
				changes++
			}
			if digit = is; is {
				digits++
			} else {
				letters++
			}
		}
		if end-begin >= 20 && digits >= 2 && letters >= 2 && changes >= 4 {
			return begin, end
		}
		begin = max(end, begin+1)
	}
	return -1, -1
}

// handshakeKey reports whether s is base64 of 16 octets, as Sec-WebSocket-Key is, or of 20, as Sec-WebSocket-Accept.
func handshakeKey(s string) bool {
	if len(s) != 24 && len(s) != 28 {
		return false
	}
	octets, err := base64.StdEncoding.DecodeString(s)
	return err == nil && (len(octets) == 16 || len(octets) == 20)
}

// opaque reports whether c may stand in a token of base64url, hex or a UUID.
func opaque(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '+' || c == '-' || c == '_'
}

// lazily compiles an expression when it is first used: most runs redact nothing, and start sooner.
func lazily(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
