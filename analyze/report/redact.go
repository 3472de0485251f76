package report

import (
	"regexp"
	"strings"

	"wshake/analyze/check"
	"wshake/analyze/event"
)

// redact returns a copy of h with the secrets replaced by their length: the values of fields that carry credentials, and
// wherever they stand, query parameters and tokens as package check knows them.
func redact(h *event.Handshake) *event.Handshake {
	shown := *h
	shown.Request, shown.Response = redactHead(h.Request), redactHead(h.Response)
	shown.Protocol.Value = redactText(h.Protocol.Value)
	shown.ProtocolsOffered.Value = redactAll(h.ProtocolsOffered.Value)
	shown.Evidence = event.Evidence{}
	return &shown
}

func redactHead(h *event.Head) *event.Head {
	if h == nil {
		return nil
	}
	shown := h.Clone()
	shown.Target = redactText(h.Target)
	shown.StartLine = redactText(h.StartLine)
	shown.Bad = nil // it quotes
	for i := range shown.Fields {
		f := &shown.Fields[i]
		if f.Anomalies&event.NoColon != 0 {
			f.Name = redactText(redactBrokenField(f.Name))
		} else {
			f.Value = redactValue(f.Name, f.Value)
		}
	}
	return shown
}

// redactFinding returns a copy of f without secrets in what it quotes.
func redactFinding(f *event.Finding) *event.Finding {
	shown := *f
	for _, s := range []*string{&shown.Text, &shown.Seen, &shown.Wanted} {
		*s = redactText(redactQuotedFields(*s))
	}
	return &shown
}

func redactAll(list []string) []string {
	if list == nil {
		return nil
	}
	shown := make([]string, len(list))
	for i, s := range list {
		shown[i] = redactText(s)
	}
	return shown
}

var secretFields = []string{"cookie", "set-cookie", "authorization", "proxy-authorization"}

func secretField(name string) bool {
	for _, s := range secretFields {
		if strings.EqualFold(name, s) {
			return true
		}
	}
	return false
}

// redactValue redacts all of the value where the name says so, else what is secret in it.
func redactValue(name, value string) string {
	shown := redactText(value)
	if secretField(name) || check.SecretParam(name, shown) {
		return check.Redacted(value)
	}
	return shown
}

// redactBrokenField treats a field line without a colon: what follows the name of a secret field is taken for its value.
func redactBrokenField(line string) string {
	name, value, found := strings.Cut(line, " ")
	if found && secretField(name) {
		return name + " " + check.Redacted(value)
	}
	return line
}

// quotedField is a field line with credentials inside a sentence, up to the quote that ends it.
var quotedField = regexp.MustCompile(`(?is)\b((?:set-)?cookie|(?:proxy-)?authorization)(\s*:\s*)((?:[^"\\]|\\.)+)`)

// redactQuotedFields takes the values out of whole field lines that a sentence quotes, such as "Cookie : id=1".
func redactQuotedFields(s string) string {
	return quotedField.ReplaceAllStringFunc(s, func(line string) string {
		part := quotedField.FindStringSubmatch(line)
		return part[1] + part[2] + check.Redacted(part[3])
	})
}

// redacted begins what stands for a secret: see check.Redacted.
const redacted = "[redacted"

// redactText takes secrets out of any text with wire values in it: a target, a field value, a list, a sentence. It works
// on the pieces between blanks, quotes, & and #, for a parameter's value may hold any other character.
func redactText(s string) string {
	const between = " \"'&#\t"
	var shown strings.Builder
	changed := false
	for rest := s; rest != ""; {
		n := strings.IndexAny(rest, between)
		if n < 0 {
			n = len(rest)
		}
		piece := redactPiece(rest[:n])
		changed = changed || piece != rest[:n]
		shown.WriteString(piece)
		if n < len(rest) {
			shown.WriteByte(rest[n])
			n++
		}
		rest = rest[n:]
	}
	if !changed {
		return s
	}
	return shown.String()
}

// redactPiece takes the secret out of a piece of text that holds at most one: from where it begins to the end.
func redactPiece(s string) string {
	for begin := 0; ; {
		name, value, found := strings.Cut(s[begin:], "=")
		if i := strings.LastIndexAny(name, "?;,"); i >= 0 {
			name = name[i+1:]
		}
		if found && check.SecretParam(name, value) && !strings.HasPrefix(value, redacted) {
			return s[:len(s)-len(value)] + check.Redacted(value)
		}
		if !found {
			break
		}
		begin = len(s) - len(value)
	}
	if i := tokenBegin(s); i >= 0 {
		return s[:i] + check.Redacted(s[i:])
	}
	return s
}

// tokenBegin is where in s a token begins, or -1. A sentence may quote only the beginning of a long one, which no longer
// has the form of a JSON Web Token: so what begins like one is taken for one.
func tokenBegin(s string) int {
	const cut = 16
	if i := strings.Index(s, "eyJ"); i >= 0 && len(s)-i >= cut {
		return i
	}
	if check.SecretToken(s) {
		return 0
	}
	return -1
}
