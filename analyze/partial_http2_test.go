package analyze

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"wshake/analyze/event"
	"wshake/testdata/need"
)

// streamsScript is a connection of HTTP/2 with two WebSockets, on streams 1 and 5, which say so many messages each and
// in turn, and an ordinary request now and then. Its packets: 1-3 SYN, 4 preface and SETTINGS, then an acknowledgement
// and packet in turn: 6 server SETTINGS.
func streamsScript(messages int) string {
	var b strings.Builder
	b.WriteString(`-- client h2 --
preface
settings
-- server h2 --
settings 8=1
settings ack
-- client h2 --
settings ack
-- client h2 --
headers 1 :method CONNECT | :protocol websocket | :scheme https | :path /one | :authority example.com | sec-websocket-version 13
-- server h2 --
headers 1 :status 200
-- client h2 --
headers 5 :method CONNECT | :protocol websocket | :scheme https | :path /five | :authority example.com | sec-websocket-version 13
-- server h2 --
headers 5 :status 200
`)
	for n := range messages {
		for _, stream := range []int{1, 5} {
			fmt.Fprintf(&b, "-- client h2 --\ndata %d text %q\n", stream, fmt.Sprintf(`{"ask":%d,"of":%d}`, n, stream))
			fmt.Fprintf(&b, "-- server h2 --\ndata %d text %q\n", stream, fmt.Sprintf(`{"answer":%d,"text":"%s"}`, n, strings.Repeat("word ", n)))
		}
		if n%3 == 0 {
			fmt.Fprintf(&b, "-- client h2 --\nheaders %d end :method GET | :scheme https | :path /%d\n", 7+2*n, n)
			fmt.Fprintf(&b, "-- server h2 --\nheaders %d end :status 204\n", 7+2*n)
		}
	}
	for _, stream := range []int{1, 5} {
		fmt.Fprintf(&b, "-- client h2 --\ndata %d close 1000\n-- server h2 --\ndata %d end close 1000\n-- client h2 --\ndata %d end\n", stream, stream, stream)
	}
	b.WriteString("-- client fin --\n-- server fin --")
	return b.String()
}

// What is left of WebSockets on HTTP/2 is reported as what it is, and what is missing is named.
func TestPartsOfStreams(t *testing.T) {
	whole := script(t, streamsScript(10))
	http2From := func(n int) int { // the packet behind the n-th with octets
		for i, s := range whole.segments() {
			if len(s.Payload) > 0 {
				if n--; n == 0 {
					return i + 1
				}
			}
		}
		t.Fatal("the dialogue is too short")
		return 0
	}
	opened, first := http2From(7), http2From(5)
	for _, c := range []struct {
		name       string
		tape       tape
		handshakes string // by stream: verdict and which heads were seen
		messages   int    // complete ones
		caveats    string
	}{
		{"whole", whole, "1 established request answer, 5 established request answer", 40, ""},
		{"without the SYNs", whole[3:], "1 established request answer, 5 established request answer", 40, "midstream"},
		{"behind the handshakes", whole[opened:], "", 40, "midstream"},
		{"behind the first handshake", whole[first:], "5 established request answer", 40, "midstream"},
		{"the client alone", whole.oneSide(0), "1 incomplete request, 5 incomplete request", 20, "midstream one-direction"},
		{"the server alone", whole.oneSide(1), "", 20, "gap midstream one-direction"},
		{"the client alone, behind the handshakes", whole[opened:].oneSide(0), "", 20, "midstream one-direction"},
		{"the server alone, behind the handshakes", whole[opened:].oneSide(1), "", 20, "midstream one-direction"},
		{"every packet twice", whole.doubled(), "1 established request answer, 5 established request answer", 40, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := c.tape.analyse(t)
			var handshakes []string
			for _, h := range r.handshakes {
				text := fmt.Sprintf("%d %s", h.Conn.Stream.Value, h.Verdict)
				if h.Request != nil {
					text += " request"
				}
				if h.Response != nil {
					text += " answer"
				}
				handshakes = append(handshakes, text)
			}
			slices.Sort(handshakes)
			if got := strings.Join(handshakes, ", "); got != c.handshakes {
				t.Errorf("handshakes %q, want %q", got, c.handshakes)
			}
			if n := complete(r); n != c.messages {
				t.Errorf("%d complete messages, want %d", n, c.messages)
			}
			var caveats []string
			for _, v := range r.caveats {
				if v.Conn != nil { // those of the run say the same in sum
					caveats = append(caveats, v.Name)
				}
			}
			slices.Sort(caveats)
			if got := strings.Join(slices.Compact(caveats), " "); got != c.caveats {
				t.Errorf("caveats %q, want %q", got, c.caveats)
			}
			if len(r.connections) != 2 {
				t.Errorf("%d connections", len(r.connections))
			}
			for _, n := range r.connections {
				if !n.WebSocket || n.Conn.Peer[event.Server].Port() != 80 {
					t.Errorf("websocket %v, server %v", n.WebSocket, n.Conn.Peer[event.Server])
				}
			}
			for _, f := range r.findings {
				t.Errorf("%s %s: %s", f.Level, f.Name, f.Text)
			}
		})
	}
}

// blockOf makes a line of a dialogue of a HEADERS frame: text in quotes, hex digits else.
func blockOf(stream int, words ...string) string {
	block := ""
	for _, w := range words {
		if text, ok := strings.CutPrefix(w, "'"); ok {
			w = fmt.Sprintf("%02x%x", len(text), text)
		}
		block += w
	}
	return fmt.Sprintf("frame 1 4 %d %s\n", stream, block)
}

// Where header blocks were not captured, every later head that refers to them says which of its fields are unknown.
func TestUnknownFieldsAreNamed(t *testing.T) {
	whole := script(t, "-- client h2 --\npreface\nsettings\n-- server h2 --\nsettings 8=1\nsettings ack\n-- client h2 --\nsettings ack\n"+
		"-- client h2 --\n"+blockOf(1, "42", "'CONNECT", "40", "':protocol", "'websocket", "87", "44", "'/one", "41", "'example.com", "40", "'sec-websocket-version", "'13", "00", "'sec-websocket-protocol", "'chat")+
		"-- server h2 --\n"+blockOf(1, "88", "40", "'sec-websocket-protocol", "'chat")+
		"-- client h2 --\n"+blockOf(3, "c2", "c1", "87", "04", "'/two", "bf", "7e", "'13", "00", "'sec-websocket-protocol", "'chat")+
		"-- server h2 --\n"+blockOf(3, "88", "be")+
		strings.Repeat("-- client h2 --\ndata 3 text \"Hello, here is the client\"\n-- server h2 --\ndata 3 text \"Hello, here is the server\"\n", 5)+
		"-- client h2 --\ndata 3 close 1000\n-- server h2 --\ndata 3 end close 1000\n-- client h2 --\ndata 3 end\n-- client fin --\n-- server fin --")
	const request = "4 of the 7 fields of the request on stream 3 are unknown, since they refer to entries of the header table that were not captured: " +
		"field 1 (entry 66), field 2 (entry 65), field 5 (entry 63), field 6 (entry 62) by its name; " +
		"among them may be :method, :protocol, :authority, origin, sec-websocket-version, sec-websocket-extensions"
	const answer = "1 of the 2 fields of the answer on stream 3 are unknown, since they refer to entries of the header table that were not captured: " +
		"field 2 (entry 62); among them may be sec-websocket-protocol, sec-websocket-extensions"
	said := func(p string) int { // the packet that has these octets
		for i, s := range whole.segments() {
			if strings.Contains(string(s.Payload), p) {
				return i
			}
		}
		t.Fatalf("no packet says %q", p)
		return 0
	}
	answered := said("\x88\x40")
	for _, c := range []struct {
		name string
		tape tape
		want []string
	}{
		{"whole", whole, nil},
		{"behind the first answer", whole[answered+1:], []string{request, answer}},
		{"without the first answer", slices.Delete(slices.Clone(whole), answered, answered+1), []string{answer}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := c.tape.analyse(t)
			var got []string
			for _, v := range r.caveats {
				if v.Name == "fields-unknown" {
					got = append(got, v.Text)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q\nwant %q", got, c.want)
			}
			for _, f := range r.findings {
				if f.Conn.Stream == event.Some(uint64(3)) {
					t.Errorf("%s %s: %s", f.Level, f.Name, f.Text)
				}
			}
		})
	}
}

// A lost packet of a connection of HTTP/2 costs the messages that it carried octets of and hardly another, on its
// stream alone.
func TestLostPacketCostsFewMessagesOfStreams(t *testing.T) {
	original := script(t, streamsScript(40))
	whole := original.see(t)
	sent := complete(whole.report)
	drops, lost, own := 0, 0, 0
	for k, segment := range original.segments() {
		if k < 6 || len(segment.Payload) == 0 {
			continue
		}
		got := slices.Delete(slices.Clone(original), k, k+1).see(t)
		for _, b := range breaches(whole, got) {
			t.Errorf("without packet %d: %s", k+1, b)
		}
		mine := sent - complete(got.report)
		if had := carried(whole.report, uint64(k+1)); mine > had {
			t.Errorf("without packet %d of %d: %d messages lost, of which it carried %d", k+1, len(original), mine, had)
		}
		drops, lost, own = drops+1, lost+mine, own+carried(whole.report, uint64(k+1))
	}
	t.Logf("%d packets of a connection with %d messages dropped, one at a time: %d messages lost, of which the packets carried octets of %d", drops, sent, lost, own)
}

// Started at any packet, the WebSockets of a connection of HTTP/2 that is in the clear are known by their frames, and
// every message is reported that begins some packets later.
func TestStreamsMidstream(t *testing.T) {
	for _, name := range []string{"h2c-plain", "h2c-streams", "h2c-upgrade", "h2-haproxy", "h2-nghttpx", "h2-refused"} {
		original := loadTape(t, recording(name))
		whole := original.see(t)
		reported, sent := 0, 0
		for k := range original {
			if need.Brief() && k%4 != 0 {
				continue
			}
			got := original[k:].see(t)
			for _, b := range breaches(whole, got) {
				t.Errorf("%s from packet %d: %s", name, k+1, b)
			}
			for _, m := range whole.report.messages {
				if m.Complete && m.Conn.Stream.Known && m.First.Number > uint64(k) {
					sent++
				}
			}
			for _, m := range got.report.messages {
				if m.Complete && m.Conn.Stream.Known {
					reported++
				}
			}
			for _, h := range got.report.handshakes {
				for _, head := range []*event.Head{h.Request, h.Response} {
					if head != nil && head.Cut == event.CutFields && !slices.ContainsFunc(got.report.caveats, func(v event.Caveat) bool {
						return v.Name == "fields-unknown" && v.Conn != nil && v.Conn.Stream == h.Conn.Stream && v.At.Ordinal == head.Last.Ordinal
					}) {
						t.Errorf("%s from packet %d: stream %d does not say which fields of packet %d are unknown", name, k+1, h.Conn.Stream.Value, head.Last.Number)
					}
				}
			}
		}
		t.Logf("%s: %d messages of %d, from any packet on", name, reported, sent)
		if reported*10 < sent*9 {
			t.Errorf("%s: %d messages of %d", name, reported, sent)
		}
	}
}
