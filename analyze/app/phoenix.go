package app

import (
	"bytes"

	"wshake/analyze/event"
)

// Phoenix channels: lists of five in version 2 of the serializer, objects in version 1 (assets/js/phoenix/serializer.js
// in phoenixframework/phoenix).
var phoenix = protocol{name: "phoenix", subprotocols: []string{"phoenix"}, read: readPhoenix, opens: func(m *Message) bool {
	if m.From != event.Client || !bytes.Contains(m.First, []byte("phx_join")) && !bytes.Contains(m.First, []byte("heartbeat")) {
		return false
	}
	p, ok := phoenixMessage(m)
	return ok && (p.event == "phx_join" || p.event == "heartbeat" && p.topic == "phoenix")
}, fails: func(m *Message) bool { return m.From == event.Server }}

type phoenixParts struct {
	join, ref, topic, event string
	payload                 []byte
}

func phoenixMessage(m *Message) (p phoenixParts, ok bool) {
	if m.Opcode != event.OpText || len(m.First) < 2 {
		return p, false
	}
	if m.First[0] == '[' {
		list := elements(m.First, 5)
		p = phoenixParts{text(element(list, 0)), text(element(list, 1)), str(element(list, 2)), str(element(list, 3)), element(list, 4)}
		return p, len(list) == 5 && p.topic != "" && p.event != ""
	}
	p = phoenixParts{text(member(m.First, "join_ref")), text(member(m.First, "ref")), str(member(m.First, "topic")),
		str(member(m.First, "event")), member(m.First, "payload")}
	return p, p.topic != "" && p.event != "" && p.payload != nil
}

// phoenixEvents are the events of the protocol itself.
var phoenixEvents = map[string]string{"phx_join": "phx_join", "phx_leave": "phx_leave", "phx_reply": "phx_reply",
	"phx_error": "phx_error", "phx_close": "phx_close", "heartbeat": "heartbeat"}

func readPhoenix(_ *Talk, m *Message) *event.App {
	if m.Opcode == event.OpBinary {
		return said("phoenix", "binary", "", "", "", "binary push of "+octets(m.Length))
	}
	p, ok := phoenixMessage(m)
	if !ok {
		return nil
	}
	kind := phoenixEvents[p.event]
	switch kind {
	case "":
		return said("phoenix", "event", p.ref, p.event, "", join(p.event, labelled("on", p.topic)), labelled("ref", p.ref))
	case "phx_reply":
		status, why := str(member(p.payload, "status")), ""
		if status == "error" {
			if why = reason(member(p.payload, "response")); why == "{}" {
				why = status
			}
		}
		a := said("phoenix", kind, p.ref, p.topic, why, join(kind, labelled("on", p.topic)), labelled("ref", p.ref), status, quoted("", why))
		// The reply to a join has the join's own number.
		a.Failed = status == "error" && p.join == p.ref
		return a
	case "phx_error":
		a := said("phoenix", kind, p.ref, p.topic, "the channel failed", join(kind, labelled("on", p.topic)))
		a.Failed = true
		return a
	}
	return said("phoenix", kind, p.ref, p.topic, "", join(kind, p.topic), labelled("ref", p.ref))
}
