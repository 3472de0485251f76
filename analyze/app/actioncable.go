package app

import (
	"bytes"
	"slices"

	"wshake/analyze/event"
)

// Action Cable, the protocol of Ruby on Rails: actioncable/lib/action_cable in rails/rails.
var actionCable = protocol{name: "action-cable", subprotocols: []string{"actioncable-v1-json", "actioncable-unsupported"},
	read: readActionCable, fails: func(m *Message) bool {
		return m.From == event.Server && (bytes.Contains(m.First, []byte("disconnect")) ||
			bytes.Contains(m.First, []byte("reject_subscription")))
	}}

var (
	cableTypes    = []string{"welcome", "ping", "disconnect", "confirm_subscription", "reject_subscription"}
	cableCommands = []string{"subscribe", "unsubscribe", "message"}
)

func readActionCable(_ *Talk, m *Message) *event.App {
	if m.Opcode != event.OpText {
		return nil
	}
	identifier := str(member(m.First, "identifier"))
	channel := str(member([]byte(identifier), "channel"))
	if channel == "" {
		channel = identifier
	}
	if at := slices.Index(cableCommands, str(member(m.First, "command"))); at >= 0 && m.From == event.Client {
		command := cableCommands[at]
		action := str(member([]byte(str(member(m.First, "data"))), "action"))
		return said("action-cable", command, "", channel, "", join(command, channel), labelled("action", action))
	}
	if m.From == event.Client {
		return nil
	}
	if at := slices.Index(cableTypes, str(member(m.First, "type"))); at >= 0 {
		kind, why := cableTypes[at], ""
		if kind == "disconnect" {
			why = str(member(m.First, "reason"))
			again := ""
			if v := text(member(m.First, "reconnect")); v != "" {
				again = "reconnect " + v
			}
			a := said("action-cable", kind, "", "", why, kind, quoted("", why), again)
			a.Failed = true
			return a
		}
		a := said("action-cable", kind, "", channel, "", join(kind, channel))
		if kind == "reject_subscription" {
			a.Error, a.Failed = "the subscription was rejected", true
		}
		return a
	}
	if identifier != "" && member(m.First, "message") != nil {
		return said("action-cable", "message", "", channel, "", join("message", labelled("of", channel)))
	}
	return nil
}
