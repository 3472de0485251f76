package app

import (
	"bytes"
	"slices"
	"strings"

	"wshake/analyze/event"
)

// XMPP, RFC 6120 over RFC 7395: each message is one whole element.
var xmpp = protocol{name: "xmpp", subprotocols: []string{"xmpp"}, read: readXMPP,
	opens: func(m *Message) bool {
		return hasPrefix(m.First, "<open") && bytes.Contains(m.First, []byte("urn:ietf:params:xml:ns:xmpp-framing"))
	},
	fails: func(m *Message) bool {
		return m.From == event.Server && (hasPrefix(m.First, "<stream:error") || hasPrefix(m.First, "<error") ||
			hasPrefix(m.First, "<failure"))
	}}

var xmppElements = []string{"open", "close", "message", "presence", "iq", "auth", "challenge", "response", "success",
	"failure", "abort", "features", "error", "enable", "enabled", "resume", "resumed", "failed", "a", "r"}

func readXMPP(_ *Talk, m *Message) *event.App {
	p := m.First
	if m.Opcode != event.OpText || len(p) < 2 || p[0] != '<' {
		return nil
	}
	end := bytes.IndexByte(p, '>')
	if end < 0 {
		end = len(p)
	}
	tag := string(p[1:end])
	n := strings.IndexAny(tag, " \t\r\n/")
	if n < 0 {
		n = len(tag)
	}
	at := slices.Index(xmppElements, strings.TrimPrefix(tag[:n], "stream:"))
	if at < 0 {
		return nil
	}
	kind := xmppElements[at]
	id, to, sort := attribute(tag, "id"), attribute(tag, "to"), attribute(tag, "type")
	inner := ""
	if end < len(p) && p[end-1] != '/' {
		inner = firstElement(p[end+1:])
	}
	what := join(kind, sort)
	if kind == "iq" || kind == "failure" || kind == "error" || kind == "auth" {
		what = join(what, inner, attribute(tag, "mechanism"))
	}
	a := said("xmpp", kind, id, to, "", what, labelled("to", to), labelled("from", attribute(tag, "from")), labelled("id", id))
	if kind == "failure" || kind == "error" {
		a.Error, a.Failed = cut(inner), true
	}
	return a
}

// attribute is the value of an attribute in the inside of a tag.
func attribute(tag, name string) string {
	for rest := tag; ; {
		i := strings.Index(rest, name+"=")
		if i < 0 {
			return ""
		}
		free := i > 0 && strings.IndexByte(" \t\r\n", rest[i-1]) >= 0
		rest = rest[i+len(name)+1:]
		if free && len(rest) > 0 && (rest[0] == '"' || rest[0] == '\'') {
			if end := strings.IndexByte(rest[1:], rest[0]); end >= 0 {
				return rest[1 : 1+end]
			}
			return ""
		}
	}
}

// firstElement is the name of the element that p begins with, "" where it begins with none.
func firstElement(p []byte) string {
	p = bytes.TrimLeft(p, " \t\r\n")
	if len(p) < 2 || p[0] != '<' || p[1] == '/' {
		return ""
	}
	n := bytes.IndexAny(p, " \t\r\n/>")
	if n < 0 {
		return ""
	}
	return string(p[1:n])
}
