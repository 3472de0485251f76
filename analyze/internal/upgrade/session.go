package upgrade

import (
	"regexp"
	"strings"
	"sync"

	"wshake/analyze/event"
	"wshake/analyze/handshake"
)

// Ids that the answers to ordinary requests give out, and that an upgrade names later: SignalR's negotiate, Engine.IO's
// polling and the like.

// givesSession says that the answer to q may give out an id.
func givesSession(q, answer *event.Head) bool {
	if q == nil || answer.Status/100 != 2 || q.Cut != event.Whole {
		return false
	}
	target := q.Target
	asks := strings.Contains(target, "negotiate") || strings.Contains(target, "EIO=") || strings.Contains(target, "transport=") ||
		strings.Contains(target, "session") || strings.Contains(target, "handshake") || strings.Contains(target, "connect")
	if !asks {
		return false
	}
	kind := strings.ToLower(answer.Get("Content-Type"))
	return kind == "" || strings.Contains(kind, "json") || strings.HasPrefix(kind, "text/plain")
}

// sessionID finds members of JSON that hold an id.
var sessionID = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`"(?i:connectionToken|connectionId|sid|session_?id|client_?id|token|id)"\s*:\s*"([^"\\]{6,200})"`)
})

// sessionsTold is how many ids of one answer are told.
const sessionsTold = 4

// reportSession tells of the ids that the beginning of an answer's body gives out.
func (x *Exchange) reportSession() {
	q := x.session
	if q == nil {
		return
	}
	x.session = nil
	said := handshake.ReadBody(q.answer, q.evidence.Body)
	path, _, _ := strings.Cut(q.head.Target, "?")
	for _, m := range sessionID().FindAllStringSubmatch(said.Text, sessionsTold) {
		x.maker.Session(event.Session{Conn: x.carrier.Conn(), At: q.answer.Last, ID: m[1], Request: q.head.Method + " " + path})
	}
}
