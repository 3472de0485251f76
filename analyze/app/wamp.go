package app

import (
	"slices"
	"strconv"

	"wshake/analyze/event"
)

// WAMP v2, https://wamp-proto.org/wamp_latest_ietf.html: messages are lists, as JSON, MessagePack or CBOR.
var (
	wampJSON = protocol{name: "wamp", subprotocols: []string{"wamp.2.json", "wamp.2.json.batched"}, fails: failsWAMP,
		read: wampReader(event.OpText, jsonList)}
	wampMsgPack = protocol{name: "wamp", subprotocols: []string{"wamp.2.msgpack"}, fails: failsWAMP,
		read: wampReader(event.OpBinary, msgPackList)}
	wampCBOR = protocol{name: "wamp", subprotocols: []string{"wamp.2.cbor"}, fails: failsWAMP,
		read: wampReader(event.OpBinary, cborList)}
)

// wampMessage is a type of message: its name, and where in the list its parts stand, 0 for nowhere.
type wampMessage struct {
	code           int
	name           string
	id, what, fail int
}

var wampMessages = []wampMessage{
	{1, "HELLO", 0, 1, 0}, {2, "WELCOME", 1, 0, 0}, {3, "ABORT", 0, 0, 2}, {4, "CHALLENGE", 0, 1, 0},
	{5, "AUTHENTICATE", 0, 0, 0}, {6, "GOODBYE", 0, 2, 0}, {8, "ERROR", 2, 0, 4}, {16, "PUBLISH", 1, 3, 0},
	{17, "PUBLISHED", 1, 0, 0}, {32, "SUBSCRIBE", 1, 3, 0}, {33, "SUBSCRIBED", 1, 0, 0}, {34, "UNSUBSCRIBE", 1, 0, 0},
	{35, "UNSUBSCRIBED", 1, 0, 0}, {36, "EVENT", 1, 0, 0}, {48, "CALL", 1, 3, 0}, {49, "CANCEL", 1, 0, 0},
	{50, "RESULT", 1, 0, 0}, {64, "REGISTER", 1, 3, 0}, {65, "REGISTERED", 1, 0, 0}, {66, "UNREGISTER", 1, 0, 0},
	{67, "UNREGISTERED", 1, 0, 0}, {68, "INVOCATION", 1, 0, 0}, {69, "INTERRUPT", 1, 0, 0}, {70, "YIELD", 1, 0, 0},
}

// failsWAMP: an ABORT begins with its type behind the mark of a list.
func failsWAMP(m *Message) bool {
	p := blanks(m.First)
	if m.From != event.Server || len(p) < 2 {
		return false
	}
	if p[0] == '[' {
		code := blanks(p[1:])
		return digits(code) == 1 && code[0] == '3'
	}
	return p[1] == 3
}

func jsonList(p []byte, n int) (list []string) {
	for _, v := range elements(p, n) {
		list = append(list, text(v))
	}
	return list
}

// wampReader reads messages that are lists of a kind.
func wampReader(opcode event.Opcode, list func([]byte, int) []string) func(*Talk, *Message) *event.App {
	return func(_ *Talk, m *Message) *event.App {
		if m.Opcode != opcode {
			return nil
		}
		return wampSaid(list(m.First, 5))
	}
}

func wampSaid(list []string) *event.App {
	if len(list) == 0 {
		return nil
	}
	code := small([]byte(list[0]))
	at := slices.IndexFunc(wampMessages, func(w wampMessage) bool { return w.code == code })
	if at < 0 {
		return nil
	}
	get := func(i int) string {
		if i == 0 || i >= len(list) {
			return ""
		}
		return list[i]
	}
	w := &wampMessages[at]
	id, what, why := get(w.id), get(w.what), get(w.fail)
	head := join(w.name, id)
	if w.name == "ERROR" {
		of := small([]byte(get(1)))
		if at := slices.IndexFunc(wampMessages, func(w wampMessage) bool { return w.code == of }); at >= 0 {
			head = join(w.name, "for", wampMessages[at].name, id)
		}
	}
	if what != "" {
		if id != "" {
			head += ":"
		}
		head = join(head, what)
	}
	a := said("wamp", w.name, id, what, why, head, quoted("", why))
	if w.name == "EVENT" {
		a.Text = join("EVENT", "of subscription", id)
	}
	a.Failed = w.name == "ABORT"
	return a
}

func number(n uint64) string { return strconv.FormatUint(n, 10) }
