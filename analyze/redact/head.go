package redact

import (
	"slices"
	"strings"

	"wshake/analyze/event"
)

// head gives a copy of h without secrets, and tells found of each one that is a whole value.
func head(h *event.Head, found func(string)) *event.Head {
	if h == nil {
		return nil
	}
	shown := h.Clone()
	shown.Target = target(h.Target)
	// Behind a blank or a control character, which no target has, fields may stand.
	if i := strings.IndexFunc(h.Target, func(c rune) bool { return c <= ' ' || c == 0x7f }); i >= 0 && i+1 < len(h.Target) {
		shown.Target = target(h.Target[:i]) + h.Target[i:i+1] + Mask(h.Target[i+1:])
	}
	if user, _, ok := strings.Cut(h.Target, "@"); ok && !strings.ContainsAny(user, "/?#") {
		found(user)
	}
	if before, behind, ok := strings.Cut(h.StartLine, h.Target); ok && h.Target != "" {
		shown.StartLine = Text(before) + shown.Target + Text(behind)
	} else {
		shown.StartLine = target(h.StartLine)
	}
	shown.Method, shown.Version, shown.Reason = Text(h.Method), Text(h.Version), Text(h.Reason)
	if noMethod(h.Method) { // a message was read as a request line: its parts are cut anywhere
		found(h.Method)
		found(h.Target)
		shown.Method, shown.Target, shown.StartLine = maskNonempty(h.Method), maskNonempty(h.Target),
			maskNonempty(h.StartLine)
	}
	shown.Bad = nil // it quotes
	after := false  // a secret field
	foreign := notHead(h)
	for i := range shown.Fields {
		f := &shown.Fields[i]
		if foreign && !ofHandshake(f.Name) {
			found(f.Value)
			f.Name, f.Value = name(f.Name), maskNonempty(f.Value)
			continue
		}
		if f.Anomalies&event.NoColon != 0 {
			if line := bareLine(f.Name, after); line != f.Name {
				found(f.Name)
				f.Name = line
			}
			continue
		}
		after = hides(f.Name)
		if value := fieldValue(f.Name, f.Value); value != f.Value {
			found(f.Value)
			f.Value = value
		}
		f.Name = Text(f.Name)
	}
	return shown
}

// noMethod reports whether a method has octets that show it to be none: quotes, brackets or what is no text.
func noMethod(method string) bool {
	return strings.ContainsFunc(method, func(c rune) bool { return c < ' ' || c >= 0x7f || strings.ContainsRune(`"{}[](),:;=<>`, c) })
}

// notHead reports whether what was read as a head has octets that none has: it may be frames, of
// which everything is hidden.
func notHead(h *event.Head) bool {
	if strings.ContainsFunc(h.StartLine, binary) {
		return true
	}
	for i := range h.Fields {
		if strings.ContainsFunc(h.Fields[i].Name, binary) || strings.ContainsFunc(h.Fields[i].Value, control) {
			return true
		}
	}
	return false
}

func binary(c rune) bool { return c < ' ' && c != '\t' && c != '\r' || c >= 0x7f }

// control is binary for values, which may have octets above 0x7F, and ends of lines and other blanks by mistake.
func control(c rune) bool { return c < '\t' || c > '\r' && c < ' ' || c == 0x7f }

// ofHandshake reports whether a field says of a handshake what has to be known of it.
func ofHandshake(name string) bool {
	switch name = strings.ToLower(name); name {
	case "host", "upgrade", "connection", "origin":
		return true
	}
	return strings.HasPrefix(name, "sec-websocket-")
}

// name hides a name that is none.
func name(s string) string {
	if strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c == ':' || c >= 0x7f }) {
		return Mask(s)
	}
	return Text(s)
}

func maskNonempty(s string) string {
	if s == "" {
		return s
	}
	return Mask(s)
}

// target hides what a request target says in secret, and the user in front of its host.
func target(s string) string {
	authority, rest := s, ""
	if i := strings.IndexAny(s, "/?#"); i >= 0 {
		authority, rest = s[:i], s[i:]
	}
	if i := strings.LastIndexByte(authority, '@'); i > 0 && !strings.Contains(authority, " ") {
		return Mask(authority[:i]) + authority[i:] + Text(rest)
	}
	return Text(s)
}

// bareLine hides what a field line without a colon says: all behind the name of a secret field, and all of it where it
// may go on with such a field.
func bareLine(line string, afterSecret bool) string {
	if afterSecret {
		return Mask(line)
	}
	if i := strings.IndexAny(line, " \t=;,"); i > 0 && hides(line[:i]) && i+1 < len(line) {
		return line[:i+1] + Mask(line[i+1:])
	}
	return Text(line)
}

// hides reports whether the values of a field are secret.
func hides(name string) bool {
	return !strings.HasPrefix(strings.ToLower(name), "sec-websocket-") && Name(name)
}

// fieldValue hides what is secret in the value of a field.
func fieldValue(name, value string) string {
	// What stands behind a CR that ends no line may be another field: whose it is is not known (RFC 9112 §2.2).
	if before, behind, cut := strings.Cut(value, "\r"); cut && behind != "" {
		return fieldValue(name, before) + "\r" + Mask(behind)
	}
	switch strings.ToLower(name) {
	case "sec-websocket-key", "sec-websocket-accept":
		return key(value)
	case "sec-websocket-protocol":
		return strings.Join(protocols(strings.Split(value, ",")), ",")
	case "host", ":authority", ":path", "x-forwarded-host", "x-original-host":
		return target(value)
	}
	if hides(name) {
		return Mask(value)
	}
	return Text(value)
}

// key shows the value of Sec-WebSocket-Key or Sec-WebSocket-Accept, unless it is something else.
func key(value string) string {
	if handshakeKey(value) {
		return value
	}
	return Text(value)
}

// protocols hides the credentials among subprotocols: browsers can set no other field, so tokens are sent there, in
// one element ("bearer.TOKEN") or behind one that announces them ("access_token, TOKEN").
func protocols(list []string) []string {
	shown := make([]string, len(list))
	announced := false
	for i, p := range list {
		word := strings.Trim(p, " \t\"")
		switch {
		case announced || len(word) > longestProtocol, strings.ContainsFunc(word, outsideToken) && Name(word):
			announced = announced || Name(word)
			shown[i] = strings.Replace(p, word, Mask(word), 1)
		case harmlessProtocol(word):
			shown[i] = p
		case Name(word):
			if begin := behindName(p); begin < len(p) {
				shown[i] = p[:begin] + Mask(p[begin:])
			} else {
				shown[i] = Text(p)
				announced = true
			}
		default:
			shown[i] = Text(p)
		}
	}
	return shown
}

// extensions hides secrets among extensions. Behind one with the end of a line in it another field may stand (RFC 9112
// §2.2), of which all is hidden.
func extensions(list []string) []string {
	shown := make([]string, len(list))
	foreign := false
	for i, e := range list {
		name, _, _ := strings.Cut(e, ";")
		switch {
		case foreign:
			shown[i] = Mask(e)
		case Name(name):
			shown[i] = protocols([]string{e})[0]
		default:
			shown[i] = Text(e)
		}
		foreign = foreign || strings.ContainsAny(e, "\r\n")
	}
	return shown
}

// longestProtocol is how long the name of a protocol may be, octets. Those that are registered with IANA are half as
// long.
const longestProtocol = 64

// outsideToken reports whether a character stands in no line of a head, except a line end that is not one, or a field
// behind it (RFC 9112 §2.2): where the name of the protocol ends is not known then.
func outsideToken(c rune) bool { return c < ' ' || c == ':' || c == 0x7f }

// harmlessProtocol reports whether a subprotocol of Kubernetes only has the form of one with a token.
func harmlessProtocol(s string) bool {
	return strings.HasSuffix(s, ".channel.k8s.io") || s == "channel.k8s.io"
}

// behindName is where in a subprotocol the part begins that follows the words which announce a secret. Behind the first
// of them only whole words announce: a credential may have such a word in it by chance.
func behindName(p string) int {
	last := 0
	begin := 0
	for i := 0; i <= len(p); i++ {
		if i < len(p) && !strings.ContainsRune(".:=~|/ -_", rune(p[i])) {
			continue
		}
		if part := p[begin:i]; begin < i && (last == 0 && Name(part) || announces(strings.ToLower(part))) {
			last = min(i+1, len(p))
		}
		begin = i + 1
	}
	return last // 0 where only the whole says it
}

// announces reports whether a word, in lower case, is one that announces a secret, and nothing more.
func announces(word string) bool {
	switch word {
	case "authorization", "authorisation", "authentication", "password", "key":
		return true
	}
	return slices.Contains(anywhere, word) || slices.Contains(wholeParts, word)
}
