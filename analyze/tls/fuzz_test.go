package tls

import (
	"bytes"
	"strings"
	"testing"
	"wshake/analyze/event"
	"wshake/analyze/tls/keylog"
)

// script turns octets into a dialogue: a command, a length, and what it is about. The peers know their secrets, so
// that what is behind the tags is fuzzed as well.
func script(p []byte) dialogue {
	client, server, d := greeting()
	peers := [2]*peer{client, server}
	for len(p) >= 2 {
		command, n := p[0], min(int(p[1]), len(p)-2)
		body := p[2 : 2+n]
		p = p[2+n:]
		side := event.Side(command & 1)
		switch sender := peers[side]; command >> 1 & 7 {
		case 0:
			d = append(d, call{side: side, octets: bytes.Clone(body)})
		case 1:
			d = append(d, call{side: side, octets: sender.seal(handshake, body, 0)})
		case 2:
			d = append(d, call{side: side, octets: sender.seal(applicationData, body, n)})
		case 3:
			d = append(d, call{side: side, gap: uint64(len(sender.seal(applicationData, body, 0)))})
		case 4:
			d = append(d, call{side: side, octets: sender.update()})
		case 5:
			d = append(d, call{side: side, gap: uint64(n) + 1})
		case 6:
			d = append(d, call{side: side, octets: plainRecord(contentType(20+n%5), body)})
		case 7:
			d = d[:len(d)-len(d)/4]
		}
	}
	return d
}

// octets cuts d into single octets; gaps stay.
func (d dialogue) octets() dialogue {
	var out dialogue
	for _, c := range d {
		if c.gap > 0 {
			out = append(out, c)
		} else {
			out = append(out, dialogue{c}.cut(1)...)
		}
	}
	return out
}

// However the octets are cut, the same is told; and nothing but what the peers sealed is delivered.
func FuzzRecords(f *testing.F) {
	f.Add([]byte("\x04\x05hello\x05\x05world"))
	f.Add([]byte("\x04\x01a\x08\x00\x04\x01b\x06\x03xyz\x04\x01c"))
	f.Add([]byte("\x0a\x10\x04\x01b\x00\x05\x17\x03\x03\x00\x20\x04\x01c\x0c\x01\x01\x04\x01d"))
	f.Add([]byte("\x02\x04\x18\x00\x00\x01\x04\x01x\x0e\x00\x03\x04\x04\x00\x00\x00"))
	f.Add([]byte("\x0e\x00\x04\x12eighteen octets..."))                  // of the size of the client's Finished, which is missing
	f.Add([]byte("\x04\x01a\x0e\x00\x0e\x00\x04\x12eighteen octets...")) // and not the first behind it
	keys := keysOf(f, scriptKeyLog())
	f.Fuzz(func(t *testing.T, p []byte) {
		if len(p) > 4096 {
			return
		}
		d := script(p)
		want := d.play(t, keys, Config{})
		if got := d.octets().play(t, keys, Config{}); got.String() != want.String() {
			t.Errorf("in octets:\n%s\nat once:\n%s", got, want)
		}
	})
}

// Octets of two handshakes, and a protected record behind each, with a pre-master secret that is none of theirs.
func FuzzHandshake(f *testing.F) {
	f.Add(scriptClientHello(), scriptServerHello())
	f.Add(scriptClientHello(extensionOf(extensionALPN, vector(2, vector(1, 'h', '2')...)...), extensionOf(extensionServerName, vector(2, append([]byte{0}, vector(2, 'a', 'b')...)...)...)), scriptServerHello())
	for _, configs := range configurations() {
		d, _, _ := converse(f, configs[0], configs[1])
		var hellos [2][]byte
		for _, c := range d.records() {
			if contentType(c.octets[0]) == handshake && len(hellos[c.side]) < 4000 {
				hellos[c.side] = append(hellos[c.side], c.octets[headerSize:]...)
			}
		}
		f.Add(hellos[event.Client], hellos[event.Server])
	}
	keys := keysOf(f, "RSA 0000000000000000 "+strings.Repeat("00", keylog.MasterSize))
	f.Fuzz(func(t *testing.T, client, server []byte) {
		var d dialogue
		for side, p := range [2][]byte{client, server} {
			for len(p) > 0 {
				n := min(len(p), 1<<14)
				d = append(d, call{side: event.Side(side), octets: plainRecord(handshake, p[:n])})
				p = p[n:]
			}
		}
		d = append(d, call{side: event.Server, octets: plainRecord(changeCipherSpec, []byte{1})}, call{side: event.Server, octets: plainRecord(applicationData, make([]byte, 40))},
			call{side: event.Client, octets: plainRecord(applicationData, make([]byte, 40))})
		want := d.play(t, keys, Config{})
		if want.hello == nil || want.data[0].Len()+want.data[1].Len() > 0 {
			t.Errorf("%+v", want)
		}
		if got := d.octets().play(t, keys, Config{}); got.String() != want.String() {
			t.Errorf("in octets:\n%s\nat once:\n%s", got, want)
		}
		if len(want.hello.Names) > maxNames {
			t.Errorf("%d names", len(want.hello.Names))
		}
	})
}

// What a Conn keeps stays within its limits, whatever the headers announce.
func TestKeepsWithinLimits(t *testing.T) {
	var d dialogue
	huge := handshakeMessage(typeClientHello, make([]byte, MaxMessage))
	for p := huge[:len(huge)-1]; len(p) > 0; p = p[min(len(p), 1<<14):] {
		d = append(d, call{side: event.Client, octets: plainRecord(handshake, p[:min(len(p), 1<<14)])})
	}
	for range 100 {
		d = append(d, call{side: event.Client, octets: plainRecord(handshake, []byte{1, 0xff, 0xff, 0xff})})
		d = append(d, call{side: event.Client, octets: plainRecord(handshake, make([]byte, 1<<14))})
		d = append(d, call{side: event.Server, octets: plainRecord(applicationData, make([]byte, 1<<14))})
	}
	c := New(nil, Config{MaxHeld: 50000}, &recorder{t: t})
	for _, call := range d {
		c.Data(call.side, At{}, call.octets)
		for i := range c.directions {
			if h := &c.directions[i]; cap(h.messages.partial) > 2*MaxMessage || cap(h.buf) > 4*maxFragment || h.held.Size() > 50000+maxFragment {
				t.Fatalf("%v keeps a message of %d, a record of %d and holds %d", h.side, cap(h.messages.partial), cap(h.buf), h.held.Size())
			}
		}
	}
}
