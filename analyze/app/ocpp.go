package app

import (
	"wshake/analyze/event"
)

// OCPP-J: Open Charge Point Protocol over JSON, 1.6 and 2.x (OCPP 2.0.1 Part 4 §4).
var ocpp = protocol{name: "ocpp", subprotocols: []string{"ocpp1.2", "ocpp1.5", "ocpp1.6", "ocpp2.0", "ocpp2.0.1", "ocpp2.1"},
	read: readOCPP, fails: func(m *Message) bool {
		p := blanks(m.First)
		if c, _ := first(p); c != '[' {
			return false
		}
		c, _ := first(blanks(p[1:]))
		return c == '4'
	}}

func readOCPP(_ *Talk, m *Message) *event.App {
	if m.Opcode != event.OpText {
		return nil
	}
	list := elements(m.First, 4)
	id := text(element(list, 1))
	if id == "" {
		return nil
	}
	switch small(list[0]) {
	case 2:
		name := text(element(list, 2))
		return said("ocpp", "CALL", id, name, "", join("CALL", name), labelled("id", id))
	case 3:
		return said("ocpp", "CALLRESULT", id, "", "", join("CALLRESULT"), labelled("id", id), labelled("status", str(member(element(list, 2), "status"))))
	case 4:
		code, why := text(element(list, 2)), text(element(list, 3))
		if why == "" {
			why = code
		}
		a := said("ocpp", "CALLERROR", id, code, why, join("CALLERROR", code), labelled("id", id), quoted("", why))
		a.Failed = true
		return a
	case 5:
		code := text(element(list, 2))
		return said("ocpp", "CALLRESULTERROR", id, code, code, join("CALLRESULTERROR", code), labelled("id", id))
	case 6:
		name := text(element(list, 2))
		return said("ocpp", "SEND", id, name, "", join("SEND", name), labelled("id", id))
	}
	return nil
}
