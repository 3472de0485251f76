package ws

import (
	"math/rand/v2"
	"strings"
	"testing"
	"wshake/analyze/event"
)

func TestKind(t *testing.T) {
	long := strings.Repeat("x", MaxPrefix)
	for _, c := range []struct {
		name, subprotocol, first string
		opcode                   event.Opcode
		want                     string
	}{
		{"object", "", `{"type":"a"}`, event.OpText, "json"},
		{"objectEmpty", "", `{}`, event.OpText, "json"},
		{"objectCut", "", (`{"type":"` + long)[:MaxPrefix], event.OpText, "json"},
		{"objectBroken", "", `{"type"`, event.OpText, ""},
		{"array", "", `[1,2]`, event.OpText, "json"},
		{"logLine", "", ("[2024-01-02 03:04:05] " + long)[:MaxPrefix], event.OpText, ""},
		{"bracketed", "", "[info] started", event.OpText, ""},
		{"words", "", "hello", event.OpText, ""},
		{"number", "", "1", event.OpText, ""},
		{"empty", "", "", event.OpText, ""},
		{"jsonInBinary", "", `{"a":1}`, event.OpBinary, ""},
		{"xml", "", `<?xml version="1.0"?>`, event.OpText, "xml"},
		{"markup", "", `<b>hi</b>`, event.OpText, ""},
		{"msgpack", "", "\x82\xa4type\x01\xa1x\x02", event.OpBinary, "msgpack"},
		{"msgpackShortKey", "", "\x81\xa1t\x01", event.OpBinary, ""},
		{"cbor", "", "\xa1\x64type\x01", event.OpBinary, "cbor"},
		{"cborTag", "", "\xd9\xd9\xf7\x01", event.OpBinary, "cbor"},
		{"mqttAgreed", "mqtt", "\x30\x03\x00\x01a", event.OpBinary, "mqtt"},
		{"mqttAgreedInText", "mqtt", "hello", event.OpText, ""},
		{"mqttConnect", "", "\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x02ab", event.OpBinary, "mqtt"},
		{"mqttConnectLong", "", "\x10\x8e\x01\x00\x04MQTT\x05\x02\x00\x3c\x00\x02ab", event.OpBinary, "mqtt"},
		{"mqttConnectCut", "", "\x10\x8e", event.OpBinary, ""},
		{"stompAgreed", "v12.stomp", "\n", event.OpText, "stomp"},
		{"stompConnect", "", "CONNECT\naccept-version:1.2\n\n\x00", event.OpText, "stomp"},
		{"wamp", "wamp.2.json", `[1,"realm1",{}]`, event.OpText, "wamp"},
		{"graphql", "graphql-ws", `{"type":"connection_init"}`, event.OpText, "graphql-ws"},
		{"graphqlTransport", "graphql-transport-ws", `{"type":"connection_init"}`, event.OpText, "graphql-transport-ws"},
		{"engine", "", `0{"sid":"abc"}`, event.OpText, "engine.io"},
		{"engineProbe", "", "2probe", event.OpText, "engine.io"},
		{"socket", "", `42["chat","hi"]`, event.OpText, "socket.io"},
		{"signalr", "", "{\"protocol\":\"json\",\"version\":1}\x1e", event.OpText, "signalr"},
		{"sip", "sip", "REGISTER sip:x SIP/2.0\r\n", event.OpText, "sip"},
		{"sipUnagreed", "", "SIP/2.0 200 OK\r\n", event.OpText, "sip"},
		{"xmpp", "", `<open xmlns="urn:ietf:params:xml:ns:xmpp-framing"/>`, event.OpText, "xmpp"},
		{"amqp", "", "AMQP\x03\x01\x00\x00", event.OpBinary, "amqp"},
		{"ocpp", "ocpp1.6", `[2,"1","Heartbeat",{}]`, event.OpText, "ocpp"},
		{"k8s", "v5.channel.k8s.io", "\x01output", event.OpBinary, "k8s-channel"},
		{"ssh", "", "SSH-2.0-OpenSSH_9.6\r\n", event.OpBinary, "ssh"},
		{"tls", "", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc", event.OpBinary, "tls"},
		{"http", "", "GET / HTTP/1.1\r\n", event.OpBinary, "http"},
		{"socks", "", "\x05\x01\x00", event.OpBinary, ""},
		{"ndn", "", "\x05\x07\x07\x05\x08\x03foo", event.OpBinary, ""},
		{"ndnShort", "", "\x05\x03\x07\x01\x08", event.OpBinary, ""},
		{"socksNot", "", "\x05\x01\x00\x00", event.OpBinary, ""},
		{"rfb", "binary", "RFB 003.008\n", event.OpBinary, "rfb"},
		{"chisel", "chisel-v3", "\x00", event.OpBinary, "chisel"},
		{"chiselBanner", "", "SSH-chisel-v3-server\r\n", event.OpBinary, "chisel"},
		{"sshInsideAgreed", "mqtt", "SSH-2.0-x\r\n", event.OpBinary, "ssh"},
	} {
		if got := Kind(c.subprotocol, []byte(c.first), c.opcode); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// Random octets are hardly ever taken for something: keys of three letters come about by chance.
func TestKindOfNoise(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	found := map[string]int{}
	const trials = 100_000
	for range trials {
		if kind := Kind("", random(r, MaxPrefix), event.OpBinary); kind != "" {
			found[kind]++
		}
	}
	for kind, n := range found {
		if n > trials/2000 {
			t.Errorf("%s: %d of %d", kind, n, trials)
		}
	}
}

// A greeting of SOCKS is believed only with its answer.
func TestSOCKS(t *testing.T) {
	for _, c := range []struct {
		greeting, answer string
		greets, answers  bool
	}{
		{"\x05\x01\x00", "\x05\x00", true, true},
		{"\x05\x02\x00\x02", "\x05\x02", true, true},
		{"\x05\x02\x00\x02", "\x05\xff", true, true},
		{"\x05\x01\x00", "\x05\x02", true, false},
		{"\x05\x01\x00", "{}", true, false},
		{"\x05\x01\x00", "\x05\x00\x00", true, false},
		{"\x05\x07\x07\x05\x08\x03foo", "", false, false},
		{"\x05\x01\x00\x00", "", false, false},
	} {
		greets := SOCKSGreeting([]byte(c.greeting))
		if greets != c.greets || greets && SOCKSAnswer([]byte(c.greeting), []byte(c.answer)) != c.answers {
			t.Errorf("%q %q", c.greeting, c.answer)
		}
	}
}
