package tls

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"wshake/analyze/event"
)

// peer writes the records of one side of a TLS 1.3 connection that nobody else speaks: suite, random and secrets are
// fixed.
type peer struct {
	side   event.Side
	suite  *parameters
	secret []byte
	aead   *aead13
	seq    uint64
}

var scriptRandom = [32]byte{0: 1, 31: 0xff}

// scriptSecret is the secret of a side in a stage.
func scriptSecret(side event.Side, s stage) []byte {
	return bytes.Repeat([]byte{byte(s)<<4 | byte(side) + 1}, 32)
}

func newPeer(side event.Side) *peer {
	p := &peer{side: side, suite: Suite(0x1301).parameters(versionTLS13)}
	p.enter(stageHandshake)
	return p
}

func (p *peer) enter(s stage) { p.use(scriptSecret(p.side, s)) }

func (p *peer) use(secret []byte) {
	p.secret, p.seq = secret, 0
	p.aead = new(aead13)
	if !p.aead.derive(p.suite, secret) {
		panic("no keys")
	}
}

// seal makes a record.
func (p *peer) seal(kind contentType, content []byte, padding int) []byte {
	inner := append(bytes.Clone(content), byte(kind))
	inner = append(inner, make([]byte, padding)...)
	header := []byte{byte(applicationData), 3, 3, 0, 0}
	binary.BigEndian.PutUint16(header[3:], uint16(len(inner)+p.aead.aead.Overhead()))
	nonce := xorNonce(p.aead.iv[:], p.seq)
	p.seq++
	return p.aead.aead.Seal(header, nonce[:], inner, header)
}

func (p *peer) say(text string) []byte { return p.seal(applicationData, []byte(text), 0) }

// update makes a KeyUpdate and uses the keys behind it.
func (p *peer) update() []byte {
	record := p.seal(handshake, handshakeMessage(typeKeyUpdate, []byte{0}), 0)
	p.use(expandLabel(p.secret, "traffic upd", 32))
	return record
}

func handshakeMessage(kind messageType, body []byte) []byte {
	return append([]byte{byte(kind), byte(len(body) >> 16), byte(len(body) >> 8), byte(len(body))}, body...)
}

// plainRecord makes a record that is not protected.
func plainRecord(kind contentType, content []byte) []byte {
	return append([]byte{byte(kind), 3, 1, byte(len(content) >> 8), byte(len(content))}, content...)
}

func vector(prefix int, content ...byte) []byte {
	head := make([]byte, 8)
	binary.BigEndian.PutUint64(head, uint64(len(content)))
	return append(head[8-prefix:], content...)
}

func extensionOf(kind uint16, data ...byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, kind), vector(2, data...)...)
}

func scriptClientHello(extensions ...[]byte) []byte {
	body := append([]byte{3, 3}, scriptRandom[:]...)
	body = append(body, vector(1)...)
	body = append(body, vector(2, 0x13, 0x01)...)
	body = append(body, vector(1, 0)...)
	extensions = append(extensions, extensionOf(extensionSupportedVersions, vector(1, 3, 4)...))
	return handshakeMessage(typeClientHello, append(body, vector(2, bytes.Join(extensions, nil)...)...))
}

func scriptServerHello(extensions ...[]byte) []byte {
	body := append([]byte{3, 3}, bytes.Repeat([]byte{7}, 32)...)
	body = append(body, vector(1)...)
	body = append(body, 0x13, 0x01, 0)
	extensions = append(extensions, extensionOf(extensionSupportedVersions, 3, 4))
	return handshakeMessage(typeServerHello, append(body, vector(2, bytes.Join(extensions, nil)...)...))
}

func scriptKeyLog() string {
	var b strings.Builder
	for s, labels := range map[stage][2]string{
		stageHandshake:   {"CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET"},
		stageApplication: {"CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"},
	} {
		for side, label := range labels {
			fmt.Fprintf(&b, "%s %x %x\n", label, scriptRandom, scriptSecret(event.Side(side), s))
		}
	}
	fmt.Fprintf(&b, "CLIENT_EARLY_TRAFFIC_SECRET %x %x\n", scriptRandom, scriptSecret(event.Client, stageEarly))
	return b.String()
}

// greeting is a handshake; peers are then in the application stage.
func greeting() (client, server *peer, d dialogue) {
	client, server = newPeer(event.Client), newPeer(event.Server)
	flight := append(handshakeMessage(typeEncryptedExtensions, vector(2)), handshakeMessage(typeFinished, make([]byte, 32))...)
	d = dialogue{
		{side: event.Client, octets: plainRecord(handshake, scriptClientHello())},
		{side: event.Server, octets: plainRecord(handshake, scriptServerHello())},
		{side: event.Server, octets: server.seal(handshake, flight, 0)},
		{side: event.Client, octets: client.seal(handshake, handshakeMessage(typeFinished, make([]byte, 32)), 0)},
	}
	client.enter(stageApplication)
	server.enter(stageApplication)
	return client, server, d
}

func TestScripts(t *testing.T) {
	finished := handshakeMessage(typeFinished, make([]byte, 32))
	extensions := handshakeMessage(typeEncryptedExtensions, vector(2))
	for name, test := range map[string]struct {
		script func(client, server *peer, say func(event.Side, ...[]byte)) // behind greeting
		want   []string
	}{
		"padding": {func(c, s *peer, say func(event.Side, ...[]byte)) {
			say(event.Client, c.seal(applicationData, []byte("one"), 1), c.seal(applicationData, nil, 100), c.seal(applicationData, []byte("two"), 16000))
		}, []string{"client onetwo"}},
		"a type of zero": {func(c, s *peer, say func(event.Side, ...[]byte)) {
			say(event.Client, c.seal(0, make([]byte, 10), 0), c.say("still there"))
		}, []string{"client still there"}},
		"compatibility records between": {func(c, s *peer, say func(event.Side, ...[]byte)) {
			say(event.Client, c.say("one"), plainRecord(changeCipherSpec, []byte{1}), c.say("two"))
		}, []string{"client onetwo"}},
		"key updates": {func(c, s *peer, say func(event.Side, ...[]byte)) {
			say(event.Client, c.update(), c.say("one"), c.update(), c.update(), c.say("two"))
			say(event.Server, s.say("three"), s.update(), s.say("four"))
		}, []string{"client onetwo", "server threefour"}},
		"a key update in pieces": {func(c, s *peer, say func(event.Side, ...[]byte)) {
			update := handshakeMessage(typeKeyUpdate, []byte{0})
			say(event.Client, c.say("one"), c.seal(handshake, update[:2], 0), c.seal(handshake, update[2:], 0))
			c.use(expandLabel(c.secret, "traffic upd", 32))
			say(event.Client, c.say("two"))
		}, []string{"client onetwo"}},
		"a key update that is lost": {func(c, s *peer, say func(event.Side, ...[]byte)) {
			say(event.Client, c.say("one"))
			say(event.Client, nil, c.update())
			say(event.Client, c.say("two"))
		}, []string{"client one", "client gap", "client two"}},
		"many small records lost": {func(c, s *peer, say func(event.Side, ...[]byte)) {
			say(event.Client, c.say("one"))
			for range 500 {
				say(event.Client, nil, c.say("x"))
			}
			say(event.Client, c.say("two"))
		}, []string{"client one", "client gap", "client two"}},
		"one of two sides lost": {func(c, s *peer, say func(event.Side, ...[]byte)) {
			say(event.Client, nil, c.say("question"))
			say(event.Server, s.say("answer"))
		}, []string{"client gap", "server answer"}},
		"a forged record": {func(c, s *peer, say func(event.Side, ...[]byte)) {
			one, forged := c.say("one"), c.say("forged")
			forged[len(forged)-1] ^= 1
			say(event.Client, one, forged, c.say("two"))
		}, []string{"client one", "client gap", "client two"}},
		"text instead of records": {func(c, s *peer, say func(event.Side, ...[]byte)) {
			say(event.Client, c.say("one"), []byte("what is this? Nothing that anybody sealed"), c.say("two"))
		}, []string{"client onetwo"}}, // the number of the record proves that none is missing
		"a large session ticket": {func(c, s *peer, say func(event.Side, ...[]byte)) {
			for p := handshakeMessage(4, make([]byte, 200000)); len(p) > 0; p = p[min(len(p), 16000):] {
				say(event.Server, s.seal(handshake, p[:min(len(p), 16000)], 0))
			}
			say(event.Server, s.update(), s.say("done"))
		}, []string{"server done"}},
		"alerts": {func(c, s *peer, say func(event.Side, ...[]byte)) {
			say(event.Server, s.seal(alert, []byte{2, 10}, 0))
			say(event.Client, c.seal(alert, []byte{1, 0}, 0))
		}, []string{"server unexpected_message", "client close_notify"}},
		"octets behind the last record": {func(c, s *peer, say func(event.Side, ...[]byte)) {
			say(event.Client, c.say("one"), c.say("two")[:20])
		}, []string{"client one", "client gap"}},
	} {
		t.Run(name, func(t *testing.T) {
			client, server, d := greeting()
			// The octets of a call; those behind a nil are lost.
			test.script(client, server, func(side event.Side, parts ...[]byte) {
				if parts[0] == nil {
					d = append(d, call{side: side, gap: uint64(len(parts[1]))})
				} else {
					d = append(d, call{side: side, octets: bytes.Join(parts, nil)})
				}
			})
			if got := d.play(t, keysOf(t, scriptKeyLog()), Config{}).told(); strings.Join(got, "\n") != strings.Join(test.want, "\n") {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	t.Run("a handshake in octets", func(t *testing.T) {
		client, server := newPeer(event.Client), newPeer(event.Server)
		var d dialogue
		for _, c := range scriptClientHello() {
			d = append(d, call{side: event.Client, octets: plainRecord(handshake, []byte{c})})
		}
		for _, c := range scriptServerHello() {
			d = append(d, call{side: event.Server, octets: plainRecord(handshake, []byte{c})})
		}
		for _, c := range append(extensions, finished...) {
			d = append(d, call{side: event.Server, octets: server.seal(handshake, []byte{c}, 0)})
		}
		server.enter(stageApplication)
		d = append(d, call{side: event.Server, octets: server.say("hello")}, call{side: event.Client, octets: client.seal(handshake, finished, 0)})
		client.enter(stageApplication)
		d = append(d, call{side: event.Client, octets: client.say("hello to you")})
		if got := fmt.Sprint(d.play(t, keysOf(t, scriptKeyLog()), Config{}).told()); got != "[server hello client hello to you]" {
			t.Error(got)
		}
	})
}

// told is what r was told, data in runs.
func (r *recorder) told() []string {
	var out []string
	for i, line := range r.log {
		var side string
		var from int
		if n, _ := fmt.Sscanf(line, "%s data at %d", &side, &from); n != 2 {
			out = append(out, line)
			continue
		}
		s := event.Client
		if side == "server" {
			s = event.Server
		}
		to := r.data[s].Len()
		for _, later := range r.log[i+1:] {
			var at int
			if n, _ := fmt.Sscanf(later, side+" data at %d", &at); n == 1 {
				to = at
				break
			}
		}
		out = append(out, side+" "+string(r.data[s].Bytes()[from:to]))
	}
	return out
}

// Early data is read if the server takes it, and if its answer is not known; not if it rejects it.
func TestEarlyData(t *testing.T) {
	psk := extensionOf(extensionPreSharedKey, 0, 0)
	early := extensionOf(extensionEarlyData)
	accepts := vector(2, early...)
	for name, test := range map[string]struct {
		serverHello []byte
		extensions  []byte
		log         string
		want        string
	}{
		"accepted":             {scriptServerHello(psk), accepts, scriptKeyLog(), "[client early late]"},
		"rejected":             {scriptServerHello(psk), vector(2), scriptKeyLog(), "[client late]"},
		"no session":           {scriptServerHello(), vector(2), scriptKeyLog(), "[client late]"},
		"answer not readable":  {scriptServerHello(psk), accepts, only(scriptKeyLog(), "CLIENT_"), "[client early late server undecryptable: no secret for it in the key log]"},
		"accepted, no secret":  {scriptServerHello(psk), accepts, only(scriptKeyLog(), "CLIENT_T", "CLIENT_H", "SERVER_"), "[client gap client late]"},
		"rejected, no secrets": {scriptServerHello(psk), vector(2), only(scriptKeyLog(), "CLIENT_T", "SERVER_"), "[client late]"},
	} {
		t.Run(name, func(t *testing.T) {
			client, server := newPeer(event.Client), newPeer(event.Server)
			finished := handshakeMessage(typeFinished, make([]byte, 32))
			client.enter(stageEarly)
			d := dialogue{
				{side: event.Client, octets: plainRecord(handshake, scriptClientHello(early, psk))},
				{side: event.Client, octets: plainRecord(changeCipherSpec, []byte{1})},
				{side: event.Client, octets: client.say("early ")},
				{side: event.Server, octets: plainRecord(handshake, test.serverHello)},
				{side: event.Server, octets: server.seal(handshake, append(handshakeMessage(typeEncryptedExtensions, test.extensions), finished...), 0)},
			}
			if strings.HasPrefix(test.want, "[client early") || strings.Contains(name, "accepted") {
				d = append(d, call{side: event.Client, octets: client.seal(handshake, handshakeMessage(typeEndOfEarlyData, nil), 0)})
			}
			client.enter(stageHandshake)
			d = append(d, call{side: event.Client, octets: client.seal(handshake, finished, 0)})
			client.enter(stageApplication)
			d = append(d, call{side: event.Client, octets: client.say("late")})
			r := d.play(t, keysOf(t, test.log), Config{})
			got := r.told()
			if name == "answer not readable" { // the order of the two sides is of no concern
				got = []string{"client " + r.data[event.Client].String(), r.log[len(r.log)-1]}
				for _, line := range r.log {
					if strings.Contains(line, "undecryptable") {
						got[1] = line
					}
				}
			}
			if fmt.Sprint(got) != test.want {
				t.Errorf("got %q, want %s", got, test.want)
			}
		})
	}
}

// Acknowledgements count application data, and nothing that was not acknowledged.
func TestAcknowledgements(t *testing.T) {
	client, server, d := greeting()
	var r recorder
	r.t = t
	c := New(keysOf(t, scriptKeyLog()), Config{}, &r)
	var sent [2]int64
	for _, call := range d {
		c.Data(call.side, At{Acked: sent[call.side.Other()]}, call.octets)
		sent[call.side] += int64(len(call.octets))
	}
	question, answer := client.say("question"), server.say("an answer")
	c.Data(event.Client, At{Acked: sent[event.Server]}, question)
	c.Data(event.Server, At{Acked: sent[event.Client]}, answer[:10])
	c.Data(event.Server, At{Acked: sent[event.Client] + int64(len(question)) - 1}, answer[10:])
	c.Data(event.Client, At{Acked: sent[event.Server] + int64(len(answer))}, client.say("thanks"))
	c.Data(event.Client, At{Acked: -1}, client.say("bye"))
	c.Data(event.Server, At{Acked: sent[event.Client] + int64(len(question))}, server.say("bye"))
	if got := fmt.Sprint(r.acked); got != "[0 0 9 -1 8]" {
		t.Error(got)
	}
}

// A peer that sends anything at all costs work in proportion to what it sends.
func TestHostileRecordsCostLittle(t *testing.T) {
	client, _, d := greeting()
	d = append(d, call{side: event.Client, octets: client.say("hello")}, call{side: event.Client, gap: 1 << 40})
	header := []byte{23, 3, 3, 0x40, 0}
	d = append(d, call{side: event.Client, octets: bytes.Repeat(header, 600000)})
	r := &recorder{t: t}
	c := New(keysOf(t, scriptKeyLog()), Config{}, r)
	tries := &counted{}
	for i, call := range d {
		if call.gap > 0 {
			c.Gap(call.side, At{}, call.gap)
			tries.protection = c.directions[event.Client].cur.protection
			c.directions[event.Client].cur.protection = tries
			continue
		}
		c.Data(call.side, At{Ordinal: uint64(i)}, call.octets)
	}
	if limit := creditStart + creditRate*3000000; tries.octets > limit || tries.octets == 0 {
		t.Errorf("tried %d octets, the limit is %d", tries.octets, limit)
	}
	if got := fmt.Sprint(r.told()); got != "[client hello client gap client undecryptable: too many TLS records in a row were lost or damaged]" {
		t.Error(got)
	}
}

// counted counts the octets that are tried.
type counted struct {
	protection
	octets int
}

func (c *counted) open(dst []byte, seq uint64, r record) (contentType, []byte, bool) {
	c.octets += len(r)
	return c.protection.open(dst, seq, r)
}
