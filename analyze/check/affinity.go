package check

import (
	"fmt"
	"strings"

	"wshake/analyze/event"
	"wshake/analyze/handshake"
)

// Session is a refused attempt that names an id which an earlier answer of the capture gave out.
type Session struct {
	refusal *refusal
	given   *event.Session
}

// Session judges h, whose target names the id that was given out.
func (s *Set) Session(h *event.Handshake, given *event.Session) []*event.Finding {
	alone := *h // reading fills it in anew
	f := handshake.Read(&alone)
	if seenOfExchange(f)&(Asked|Refused) != Asked|Refused {
		return nil
	}
	facts := Session{readRefusal(&Exchange{Facts: f}), given}
	return s.selected(s.run(stageSession, 0, h.Conn, func(c *Check, r Report) { c.Session(&facts, r) }))
}

var checkAffinity = Check{
	ID: "MID-08", Name: "affinity", Level: event.Warning, Fault: event.MiddleboxFault, Citation: "RFC 9110 §3.3",
	When: "a session id that another answer of this capture gave out is unknown to the server that got the upgrade",
	Description: "SignalR, Socket.IO and others begin with an ordinary request, whose answer gives out an id, and name that id " +
		"in the upgrade. Where several server processes stand behind a balancer, the upgrade must reach the one that gave the " +
		"id out; another does not know it and answers 404 (SignalR: No Connection with that ID) or 400 (Socket.IO: Session " +
		"ID unknown). It works on one server and fails on two, at times. The path, which a 404 suggests, is right.",
	Advice: "make the balancer send a client's requests to the same server (nginx: ip_hash or sticky; HAProxy: cookie or balance " +
		"source; ALB: stickiness.enabled; Traefik: sticky.cookie; Kubernetes: sessionAffinity: ClientIP; Azure: ARR affinity), or do " +
		"without the first request (SignalR: skipNegotiation: true with WebSockets alone; Socket.IO: transports: [\"websocket\"])",
	Session: affinity,
}

func affinity(f *Session, report Report) {
	r := f.refusal
	switch r.status {
	case 400, 401, 403, 404, 410:
	default:
		return
	}
	if !r.explain().guess && !containsAny(r.lower, "session", "unknown", "no connection with that id", "sid", "not found") {
		return // it says another reason
	}
	where := fmt.Sprintf("connection %s", f.given.Conn)
	if f.given.Conn == r.Conn {
		where = "this connection"
	}
	says := ""
	if words := r.said.Reason; words != "" && !generic(words, r.Response.Reason, r.status) {
		says = " and says " + quote(words)
	}
	report(Detail{
		At: r.Response.Last, Seen: statusText(r.Response), Wanted: "the server that gave the id out",
		Text: fmt.Sprintf("the id %s was given out on %s in packet %d (%s), %s earlier, and the server that got the upgrade does not know it: it "+
			"answers %s%s", quote(clip(f.given.ID)), where, f.given.At.Number, escape(f.given.Request),
			span(r.Response.Last.Time-f.given.At.Time), statusText(r.Response), says),
	})
}

func containsAny(s string, parts ...string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}
