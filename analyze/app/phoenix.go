package app

import (
	"bytes"
	"unicode/utf8"

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
	// Of a binary message: the status of a reply, and how long the payload is, in words.
	status, size string
}

func phoenixMessage(m *Message) (p phoenixParts, ok bool) {
	if m.Opcode != event.OpText || len(m.First) < 2 {
		return p, false
	}
	if m.First[0] == '[' {
		list := elements(m.First, 5)
		p = phoenixParts{join: text(element(list, 0)), ref: text(element(list, 1)), topic: str(element(list, 2)),
			event:   str(element(list, 3)),
			payload: element(list, 4)}
		return p, len(list) == 5 && p.topic != "" && p.event != ""
	}
	p = phoenixParts{join: text(member(m.First, "join_ref")), ref: text(member(m.First, "ref")),
		topic: str(member(m.First, "topic")),
		event: str(member(m.First, "event")), payload: member(m.First, "payload")}
	return p, p.topic != "" && p.event != "" && p.payload != nil
}

// Kinds of binary messages in version 2 of the serializer (binaryEncode and binaryDecode in serializer.js).
const (
	phoenixPush = iota
	phoenixReply
	phoenixBroadcast
)

// phoenixBinary reads a binary message: its kind, an octet for the length of each of its parts, the parts, the payload.
func phoenixBinary(m *Message) (p phoenixParts, ok bool) {
	kind, ok := first(m.First)
	if !ok {
		return p, false
	}
	var parts []*string
	switch {
	case kind == phoenixPush && m.From == event.Client:
		parts = []*string{&p.join, &p.ref, &p.topic, &p.event}
	case kind == phoenixPush: // the server's have no ref
		parts = []*string{&p.join, &p.topic, &p.event}
	case kind == phoenixReply && m.From == event.Server:
		parts = []*string{&p.join, &p.ref, &p.topic, &p.status}
		p.event = "phx_reply"
	case kind == phoenixBroadcast && m.From == event.Server:
		parts = []*string{&p.topic, &p.event}
	default:
		return p, false
	}
	at := 1 + len(parts)
	if len(m.First) < at {
		return p, false
	}
	for i, part := range parts {
		end := at + int(m.First[1+i])
		if end > len(m.First) || !utf8.Valid(m.First[at:end]) {
			return p, false
		}
		*part = string(m.First[at:end])
		at = end
	}
	p.size = octets(m.Length-uint64(at)) + " of payload"
	return p, p.topic != "" && p.event != ""
}

// phoenixEvents are the events of the protocol itself.
var phoenixEvents = map[string]string{"phx_join": "phx_join", "phx_leave": "phx_leave", "phx_reply": "phx_reply",
	"phx_error": "phx_error", "phx_close": "phx_close", "heartbeat": "heartbeat"}

func readPhoenix(_ *Talk, m *Message) *event.App {
	p, ok := phoenixMessage(m)
	if m.Opcode == event.OpBinary {
		if p, ok = phoenixBinary(m); !ok {
			return said("phoenix", "binary", "", "", "", "binary push of "+octets(m.Length))
		}
	}
	if !ok {
		return nil
	}
	kind := phoenixEvents[p.event]
	switch kind {
	case "":
		return said("phoenix", "event", p.ref, p.event, "", join(p.event, labelled("on", p.topic)),
			labelled("ref", p.ref), p.size)
	case "phx_reply":
		status, why := p.status, ""
		switch {
		case m.Opcode == event.OpText:
			status = str(member(p.payload, "status"))
		case status == "error":
			why = status // what it says beside is of the application's own form
		}
		if status == "error" && why == "" {
			if why = reason(member(p.payload, "response")); why == "{}" {
				why = status
			}
		}
		a := said("phoenix", kind, p.ref, p.topic, why, join(kind, labelled("on", p.topic)), labelled("ref", p.ref),
			status, quoted("", why), p.size)
		// The reply to a join has the join's own number.
		a.Failed = status == "error" && p.join == p.ref
		return a
	case "phx_error":
		a := said("phoenix", kind, p.ref, p.topic, "the channel failed", join(kind, labelled("on", p.topic)))
		a.Failed = true
		return a
	}
	return said("phoenix", kind, p.ref, p.topic, "", join(kind, p.topic), labelled("ref", p.ref), p.size)
}
