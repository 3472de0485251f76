package ws

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestKind(t *testing.T) {
	long := strings.Repeat("x", MaxPrefix)
	for _, c := range []struct {
		name, subprotocol, first string
		opcode                   Opcode
		want                     string
	}{
		{"object", "", `{"type":"a"}`, Text, "json"},
		{"objectEmpty", "", `{}`, Text, "json"},
		{"objectCut", "", (`{"type":"` + long)[:MaxPrefix], Text, "json"},
		{"objectBroken", "", `{"type"`, Text, ""},
		{"array", "", `[1,2]`, Text, "json"},
		{"logLine", "", ("[2024-01-02 03:04:05] " + long)[:MaxPrefix], Text, ""},
		{"bracketed", "", "[info] started", Text, ""},
		{"words", "", "hello", Text, ""},
		{"number", "", "1", Text, ""},
		{"empty", "", "", Text, ""},
		{"jsonInBinary", "", `{"a":1}`, Binary, ""},
		{"xml", "", `<?xml version="1.0"?>`, Text, "xml"},
		{"markup", "", `<b>hi</b>`, Text, ""},
		{"msgpack", "", "\x82\xa4type\x01\xa1x\x02", Binary, "msgpack"},
		{"msgpackShortKey", "", "\x81\xa1t\x01", Binary, ""},
		{"cbor", "", "\xa1\x64type\x01", Binary, "cbor"},
		{"cborTag", "", "\xd9\xd9\xf7\x01", Binary, "cbor"},
		{"mqttAgreed", "mqtt", "\x30\x03\x00\x01a", Binary, "mqtt"},
		{"mqttAgreedInText", "mqtt", "hello", Text, ""},
		{"mqttConnect", "", "\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x02ab", Binary, "mqtt"},
		{"mqttConnectLong", "", "\x10\x8e\x01\x00\x04MQTT\x05\x02\x00\x3c\x00\x02ab", Binary, "mqtt"},
		{"mqttConnectCut", "", "\x10\x8e", Binary, ""},
		{"stompAgreed", "v12.stomp", "\n", Text, "stomp"},
		{"stompConnect", "", "CONNECT\naccept-version:1.2\n\n\x00", Text, "stomp"},
		{"wamp", "wamp.2.json", `[1,"realm1",{}]`, Text, "wamp"},
		{"graphql", "graphql-ws", `{"type":"connection_init"}`, Text, "graphql-ws"},
		{"graphqlTransport", "graphql-transport-ws", `{"type":"connection_init"}`, Text, "graphql-transport-ws"},
		{"engine", "", `0{"sid":"abc"}`, Text, "engine.io"},
		{"engineProbe", "", "2probe", Text, "engine.io"},
		{"socket", "", `42["chat","hi"]`, Text, "socket.io"},
		{"signalr", "", "{\"protocol\":\"json\",\"version\":1}\x1e", Text, "signalr"},
		{"sip", "sip", "REGISTER sip:x SIP/2.0\r\n", Text, "sip"},
		{"sipUnagreed", "", "SIP/2.0 200 OK\r\n", Text, "sip"},
		{"xmpp", "", `<open xmlns="urn:ietf:params:xml:ns:xmpp-framing"/>`, Text, "xmpp"},
		{"amqp", "", "AMQP\x03\x01\x00\x00", Binary, "amqp"},
		{"ocpp", "ocpp1.6", `[2,"1","Heartbeat",{}]`, Text, "ocpp"},
		{"k8s", "v5.channel.k8s.io", "\x01output", Binary, "k8s-channel"},
		{"ssh", "", "SSH-2.0-OpenSSH_9.6\r\n", Binary, "ssh"},
		{"tls", "", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc", Binary, "tls"},
		{"http", "", "GET / HTTP/1.1\r\n", Binary, "http"},
		{"socks", "", "\x05\x01\x00", Binary, "socks"},
		{"socksNot", "", "\x05\x01\x00\x00", Binary, ""},
		{"rfb", "binary", "RFB 003.008\n", Binary, "rfb"},
		{"chisel", "chisel-v3", "\x00", Binary, "chisel"},
		{"chiselBanner", "", "SSH-chisel-v3-server\r\n", Binary, "chisel"},
		{"sshInsideAgreed", "mqtt", "SSH-2.0-x\r\n", Binary, "ssh"},
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
		if kind := Kind("", random(r, MaxPrefix), Binary); kind != "" {
			found[kind]++
		}
	}
	for kind, n := range found {
		if n > trials/2000 {
			t.Errorf("%s: %d of %d", kind, n, trials)
		}
	}
}
