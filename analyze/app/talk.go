package app

import (
	"slices"
	"strings"

	"wshake/analyze/event"
)

// MaxFirst is how many octets of a message are read at most.
const MaxFirst = 512

// Message is a data message, as far as it is read.
type Message struct {
	From   event.Side
	Opcode event.Opcode
	First  []byte // the first octets, decoded
	Length uint64 // of the whole message, octets; at least len(First)
	Lost   bool   // octets of it are missing: where it ends is not known
}

// whole says that First is all of the message.
func (m *Message) whole() bool { return !m.Lost && m.Length == uint64(len(m.First)) }

// protocol is a row of the table of protocols.
type protocol struct {
	name string
	// subprotocols stand for it in a handshake.
	subprotocols []string
	// opens says that a message, one of the first of its side, can be of this protocol only; nil where none is sure.
	opens func(m *Message) bool
	// read puts a message into words, nil where it is not understood.
	read func(t *Talk, m *Message) *event.App
	// fails says that a message may report a failure: a quick look that may err on the side of yes.
	fails func(m *Message) bool
}

// protocols is the table of protocols. The first whose opens says yes counts.
var protocols []*protocol

func init() { // the readers refer to the table's rows
	protocols = []*protocol{
		&mqtt, &stomp, &socketIO, &graphQLTransport, &graphQLLegacy, &graphQL, &wampJSON, &wampMsgPack, &wampCBOR,
		&ocpp, &sip, &xmpp, &actionCable, &phoenix, &signalR, &lsp, &jsonRPC, &ndn,
	}
}

// other are subprotocols of payload that no reader is for: nothing is guessed behind them.
var other = []string{"amqp", "AMQPWSB10", "binary", "base64", "soap", "v4.channel.k8s.io", "v5.channel.k8s.io",
	"channel.k8s.io", "base64.channel.k8s.io", "v4.base64.channel.k8s.io"}

// Talk is what is known of the protocol of one conversation. Its zero value knows nothing.
type Talk struct {
	protocol *protocol
	agreed   bool // by the handshake
	foreign  bool // agreed on, and not in the table
	looked   [2]uint8
	packets  *[2]packets // of MQTT
}

// looks is how many first messages of a side are looked at for their shape.
const looks = 2

// Agree takes what a handshake says of the protocol.
func (t *Talk) Agree(h *event.Handshake) {
	*t = Talk{}
	if name := h.Protocol.Value; name != "" {
		for _, p := range protocols {
			if slices.Contains(p.subprotocols, name) {
				t.protocol, t.agreed = p, true
				return
			}
		}
		if slices.Contains(other, name) || strings.HasPrefix(name, "chisel-v") ||
			strings.HasPrefix(name, "authorization.bearer.") {
			t.agreed, t.foreign = true, true
			return
		}
	}
	if h.Request != nil && engineTarget(h.Request.Target) {
		t.protocol, t.agreed = &socketIO, true
	}
}

// Wants is how many first octets of a message of a side Read looks at; 0 where it has nothing to say, unless words are
// wanted.
func (t *Talk) Wants(from event.Side) int {
	if !t.foreign && (t.protocol != nil || t.looked[from] < looks) {
		return MaxFirst
	}
	return 0
}

// Lose says that octets of a side were missed.
func (t *Talk) Lose(from event.Side) {
	if t.packets != nil {
		t.packets[from] = packets{lost: true}
	}
}

// Read puts a message into words, nil where it is not understood or of no protocol in the table. Where words are not
// wanted, only those of a failure are made. Which failures are found does not depend on that.
func (t *Talk) Read(m *Message, wanted bool) *event.App {
	if t.foreign {
		return nil
	}
	if t.protocol == nil {
		t.recognise(m)
	}
	p := t.protocol
	switch {
	case p == &jsonRPC && wanted && !t.agreed && opensLSP(m):
		t.protocol, p = &lsp, &lsp // a response to it does not tell, so that it is kept
	case p == &mqtt:
		return t.readMQTT(m, wanted)
	case p == nil && wanted: // a message that speaks for itself, in a conversation that does not
		if p = shape(m); p == nil || p == &mqtt {
			return nil
		}
		a := p.read(t, m)
		if a != nil {
			a.Failed = false
		}
		return a
	case p == nil || !wanted && (p.fails == nil || !p.fails(m)):
		return nil
	}
	a := p.read(t, m)
	if a != nil {
		a.Failed = a.Failed && p.fails != nil && p.fails(m) // what only the other side may say is none
	}
	if a == nil || !wanted && !a.Failed {
		return nil
	}
	return a
}

// recognise takes one of the first messages of a side.
func (t *Talk) recognise(m *Message) {
	if t.looked[m.From] >= looks {
		return
	}
	t.looked[m.From]++
	t.protocol = shape(m)
}

// shape finds the protocol of a message by its shape, nil where none is sure.
func shape(m *Message) *protocol {
	if len(m.First) == 0 {
		return nil
	}
	for _, p := range protocols {
		if p.opens != nil && p.opens(m) {
			return p
		}
	}
	return nil
}

// said makes words of a message.
func said(protocol, kind, id, name, failure string, text ...string) *event.App {
	parts := text[:0]
	for _, s := range text {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return &event.App{Protocol: protocol, Type: kind, ID: cut(id), Name: cut(name), Error: cut(failure),
		Text: strings.Join(parts, ", ")}
}
