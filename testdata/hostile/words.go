package hostile

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"strings"
)

// PayloadSecret stands in every credential inside the messages of the conversations, so that it can be told from those
// in heads.
const PayloadSecret = "hidden-pay10ad-w0rd"

// talk is a protocol of applications: its name in a handshake, the target that asks for it, and messages of its client
// and its server that carry credentials.
type talk struct {
	subprotocol, target string
	binary              bool
	says                [2][]string
}

// talks are the protocols that are put into words, each with the message that logs in.
var talks = []talk{
	{"", "/socket.io/?EIO=4&transport=websocket", false, [2][]string{
		{`40{"token":"` + PayloadSecret + `"}`, `40/admin,{"auth":{"password":"` + PayloadSecret + `"}}`, `42["login",{"user":"u","password":"` + PayloadSecret + `"}]`, "2probe", `43/x,7["` + PayloadSecret + `"]`},
		{`0{"sid":"` + PayloadSecret + `","upgrades":[],"pingInterval":25000}`, `44{"message":"bad token ` + PayloadSecret + `"}`, "3probe", `451-["x",{"_placeholder":true,"num":0}]`}}},
	{"graphql-transport-ws", "/graphql", false, [2][]string{
		{`{"type":"connection_init","payload":{"authToken":"` + PayloadSecret + `"}}`, `{"id":"` + PayloadSecret + `","type":"subscribe","payload":{"query":"mutation {login(password:\"` + PayloadSecret + `\"){id}}"}}`},
		{`{"type":"connection_ack"}`, `{"id":"1","type":"error","payload":[{"message":"token ` + PayloadSecret + ` is over"}]}`}}},
	{"graphql-ws", "/graphql", false, [2][]string{
		{`{"type":"connection_init","payload":{"Authorization":"Bearer ` + PayloadSecret + `"}}`},
		{`{"type":"connection_error","payload":{"message":"no user ` + PayloadSecret + `"}}`}}},
	{"v12.stomp", "/ws", false, [2][]string{
		{"CONNECT\naccept-version:1.2\nlogin:u\npasscode:" + PayloadSecret + "\n\n\x00", "SEND\ndestination:/queue/" + PayloadSecret + "\n\nx\x00"},
		{"CONNECTED\nversion:1.2\nsession:" + PayloadSecret + "\n\n\x00", "ERROR\nmessage:bad passcode " + PayloadSecret + "\n\n\x00"}}},
	{"mqtt", "/mqtt", true, [2][]string{
		{mqttConnect(), "\x82\x18\x00\x01\x00" + string(rune(len(PayloadSecret))) + PayloadSecret + "\x00", "\x30\x17\x00" + string(rune(len(PayloadSecret))) + PayloadSecret + "xx"},
		{"\x20\x02\x00\x05", "\x20\x02\x00\x00", "\x90\x03\x00\x01\x80"}}},
	{"wamp.2.json", "/wamp", false, [2][]string{
		{`[5,"` + PayloadSecret + `",{}]`, `[1,"realm1",{"authid":"u","authmethods":["ticket"]}]`},
		{`[4,"ticket",{"challenge":"` + PayloadSecret + `"}]`, `[3,{"message":"` + PayloadSecret + `"},"wamp.error.not_authorized"]`}}},
	{"ocpp1.6", "/ocpp/CP1", false, [2][]string{
		{`[2,"1","Authorize",{"idTag":"` + PayloadSecret + `"}]`}, {`[4,"1","SecurityError","` + PayloadSecret + `",{}]`}}},
	{"sip", "/", false, [2][]string{
		{"REGISTER sip:example.com SIP/2.0\r\nAuthorization: Digest username=\"u\", response=\"" + PayloadSecret + "\"\r\nCall-ID: " + PayloadSecret + "\r\n\r\n"},
		{"SIP/2.0 401 no " + PayloadSecret + "\r\nWWW-Authenticate: Digest nonce=\"" + PayloadSecret + "\"\r\n\r\n"}}},
	{"xmpp", "/xmpp-websocket", false, [2][]string{
		{`<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="a"/>`, `<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="PLAIN">` + PayloadSecret + `</auth>`},
		{`<failure xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><text>` + PayloadSecret + `</text></failure>`}}},
	{"actioncable-v1-json", "/cable", false, [2][]string{
		{`{"command":"subscribe","identifier":"{\"channel\":\"Chat\",\"token\":\"` + PayloadSecret + `\"}"}`},
		{`{"type":"disconnect","reason":"unauthorized ` + PayloadSecret + `","reconnect":false}`}}},
	{"", "/socket/websocket?vsn=2.0.0", false, [2][]string{
		{`["1","1","room:` + PayloadSecret + `","phx_join",{"token":"` + PayloadSecret + `"}]`},
		{`["1","1","room:a","phx_reply",{"status":"error","response":{"reason":"` + PayloadSecret + `"}}]`}}},
	{"", "/hub", false, [2][]string{
		{"{\"protocol\":\"json\",\"version\":1}\x1e", "{\"type\":1,\"target\":\"Login\",\"arguments\":[\"" + PayloadSecret + "\"]}\x1e"},
		{"{\"error\":\"" + PayloadSecret + "\"}\x1e", "{\"type\":7,\"error\":\"" + PayloadSecret + "\"}\x1e"}}},
	{"", "/rpc", false, [2][]string{
		{`{"jsonrpc":"2.0","id":"` + PayloadSecret + `","method":"login","params":["` + PayloadSecret + `"]}`},
		{`{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"` + PayloadSecret + `","data":"` + PayloadSecret + `"}}`}}},
}

// mqttConnect is a CONNECT of MQTT 3.1.1 with a name and a password.
func mqttConnect() string {
	field := func(s string) string { return string([]byte{0, byte(len(s))}) + s }
	body := field("MQTT") + "\x04\xc2\x00\x3c" + field("client") + field("user") + field(PayloadSecret)
	return string([]byte{0x10, byte(len(body))}) + body
}

// word is a message of the conversation's protocol, whole, damaged or inside of much of the same.
func (g *grammar) word(side int) []byte {
	w := one(g, g.talk.says[side]...)
	switch g.IntN(12) {
	case 0:
		w = w[:g.IntN(len(w)+1)]
	case 1:
		w += w
	case 2:
		w = strings.Repeat(`[{"a":`, 1+g.IntN(300)) + w
	case 3:
		w = strings.Replace(w, ":", ":\n ", 1)
	}
	return []byte(w)
}

// deflated is a message compressed as permessage-deflate has it (RFC 7692 §7.2.1).
func deflated(p []byte) []byte {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestSpeed)
	w.Write(p)
	w.Flush()
	return bytes.TrimSuffix(b.Bytes(), []byte{0, 0, 0xff, 0xff})
}

// front is what stands before the first request: a PROXY header, a dialogue of SOCKS, a CONNECT. It is whole, so that
// what follows can be read; names in it are secret.
func (g *grammar) front() {
	f := g.flow
	say := func(side int, p string) {
		f.Say(side, []byte(p))
		g.fronts[side] += uint32(len(p))
	}
	switch g.IntN(14) {
	case 0:
		say(0, "PROXY TCP4 10.0.0.9 10.0.0.8 1 2\r\n")
	case 1: // with TLVs: the authority, and the name in the client's certificate
		tlv := func(kind byte, value string) string { return string([]byte{kind, 0, byte(len(value))}) + value }
		body := "\x0a\x00\x00\x09\x0a\x00\x00\x08\x00\x01\x00\x02" + tlv(2, "a.example") + tlv(0x20, "\x01\x00\x00\x00\x00"+tlv(0x22, Secret)) + tlv(0xe0, "token="+Secret)
		say(0, "\r\n\r\n\x00\r\nQUIT\n\x21\x11"+string(binary.BigEndian.AppendUint16(nil, uint16(len(body))))+body)
	case 2: // SOCKS 4 with the name of a user
		say(0, "\x04\x01\x00\x50\x0a\x00\x00\x08"+Secret+"\x00")
		say(1, "\x00\x5a\x00\x00\x00\x00\x00\x00")
	case 3: // SOCKS 5 with a password
		say(0, "\x05\x01\x02")
		say(1, "\x05\x02")
		say(0, "\x01\x04user"+string([]byte{byte(len(Secret))})+Secret)
		say(1, "\x01\x00")
		say(0, "\x05\x01\x00\x03\x01a\x00\x50")
		say(1, "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
	case 4:
		say(0, "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\nProxy-Authorization: Basic "+Secret+"\r\nX-Session-Token: "+Secret+"\r\n\r\n")
		say(1, "HTTP/1.1 200 Connection established\r\nProxy-Authentication-Info: nextnonce=\""+Secret+"\"\r\n\r\n")
	}
}

// legs is a conversation that a proxy passes on, as it was captured on both sides of the proxy. The back leg has other
// fields than the front leg, and frames that are lost or changed now and then.
func (g *grammar) legs(back *Flow) {
	f := g.flow
	back.Ends[0].Addr = f.Ends[1].Addr
	back.Ends[1] = End{[4]byte{10, 99, 0, 1}, one(g, uint16(8080), 3000)}
	both := [2]*Flow{f, back}
	turn := func(leg int) { both[leg].Now = max(f.Now, back.Now) + 1e5 }
	for leg := range both {
		turn(leg)
		both[leg].Open()
	}
	g.opened = true
	request := g.request()
	turn(0)
	f.Say(0, []byte(request))
	switch g.IntN(4) {
	case 0:
		request = strings.Replace(request, "Upgrade: websocket\r\n", "", 1)
	case 1:
		request = g.request()
	case 2:
		request = strings.Replace(request, "\r\n", "\r\nX-Forwarded-For: 10.0.0.1\r\nX-Forwarded-Access-Token: "+Secret+"\r\n", 1)
	}
	turn(1)
	back.Say(0, []byte(request))
	answer := g.answer()
	back.Say(1, []byte(answer))
	turn(0)
	if g.rarely(3) {
		answer = g.answer()
	}
	f.Say(1, []byte(answer))
	for range g.IntN(8) {
		side := g.IntN(2)
		frames := g.frames(side)
		for i := range both {
			leg := i ^ side // who hears it first
			turn(leg)
			if i == 1 && g.rarely(6) {
				frames = g.frames(side)
			}
			if !g.rarely(10) {
				both[leg].Say(side, frames)
			}
		}
	}
	for leg := range both {
		turn(leg)
		both[leg].Close()
	}
}
