package analyze

import (
	"slices"
	"strings"
	"testing"

	"wshake/analyze/event"
	"wshake/reassembly"
)

// chat is a conversation of which parts go missing. Its packets: 1-3 SYN, 4 request, 5 ack, 6 answer, 7 ack, then
// frames.
func chat(t *testing.T) tape {
	return script(t, upgrade, strings.ReplaceAll(talk(12, 1, 200, 9), "ping ", "pong "), farewell)
}

// only keeps the packets for which keep says so, which is given their segment and number.
func (t tape) only(keep func(s *reassembly.Segment, number int) bool) tape {
	var kept tape
	all := t.segments()
	for i := range t {
		if keep(&all[i], i+1) {
			kept = append(kept, t[i])
		}
	}
	return kept
}

// What is left of a conversation is reported as what it is, and what is missing is named.
func TestPartsOfAConversation(t *testing.T) {
	whole := chat(t)
	for _, c := range []struct {
		name      string
		tape      tape
		handshake string // verdict and which heads were seen
		messages  int    // complete ones
		caveats   string
		websocket bool
		midstream bool
	}{
		{"whole", whole, "established request answer", 12, "", true, false},
		{"only the request", whole[3:4], "incomplete request", 0, "midstream one-direction", false, true},
		{"only the request and its SYN", whole.only(func(s *reassembly.Segment, n int) bool { return n == 1 || n == 4 }), "incomplete request", 0, "one-direction", false, false},
		{"only the answer", whole[5:6], "incomplete answer", 0, "midstream one-direction", true, true},
		{"up to the request", whole[:4], "incomplete request", 0, "", false, false},
		{"up to the answer", whole[:6], "established request answer", 0, "", true, false},
		{"without the request", whole.only(func(_ *reassembly.Segment, n int) bool { return n != 4 }), "incomplete answer", 12, "gap", true, false},
		{"without the answer", whole.only(func(_ *reassembly.Segment, n int) bool { return n != 6 }), "incomplete request", 12, "gap midstream", true, false},
		{"without request and answer", whole.only(func(_ *reassembly.Segment, n int) bool { return n != 4 && n != 6 }), "", 12, "gap midstream", true, false},
		{"without the handshakes", whole[7:], "", 12, "midstream", true, true},
		{"the client alone", whole.oneSide(0), "incomplete request", 8, "midstream one-direction", true, false},
		{"the server alone", whole.oneSide(1), "incomplete answer", 4, "gap one-direction", true, false},
		{"the client alone, from the middle", whole[7:].oneSide(0), "", 8, "midstream one-direction", true, true},
		{"the server alone, from the middle", whole[7:].oneSide(1), "", 4, "midstream one-direction", true, true},
		{"heads only", whole.snapped(40 + 500), "established request answer", 12, "", true, false},
		{"every packet twice", whole.doubled(), "established request answer", 12, "", true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := c.tape.analyse(t)
			handshake := ""
			for _, h := range r.handshakes {
				handshake = h.Verdict.String()
				if h.Request != nil {
					handshake += " request"
				}
				if h.Response != nil {
					handshake += " answer"
				}
			}
			if len(r.handshakes) > 1 || handshake != c.handshake {
				t.Errorf("handshakes: %d, %q; want %q", len(r.handshakes), handshake, c.handshake)
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
			if len(r.connections) != 1 {
				t.Fatalf("%d connections", len(r.connections))
			}
			if n := r.connections[0]; n.WebSocket != c.websocket || n.Conn.Midstream != c.midstream || n.Conn.Peer[event.Server].Port() != 80 {
				t.Errorf("websocket %v, midstream %v, server %v", n.WebSocket, n.Conn.Midstream, n.Conn.Peer[event.Server])
			}
			for _, f := range r.findings {
				t.Errorf("%s %s: %s", f.Level, f.Name, f.Text)
			}
		})
	}
}

// A clock that is set back changes times and nothing else, except that a large jump is named.
func TestClockStepsBack(t *testing.T) {
	whole := chat(t)
	want := whole.analyse(t)
	for _, back := range []int64{1e6, 1e9, 3600e9, 86400e9 * 365} {
		set := slices.Clone(whole)
		for i := range set[len(set)/2:] {
			set[len(set)/2+i].Time -= back
		}
		got := set.analyse(t)
		got.caveats = slices.DeleteFunc(got.caveats, func(c event.Caveat) bool { return c.Name == "clock-jump" })
		sameStory(t, want, got)
	}
	trembling := slices.Clone(whole)
	for i := range trembling {
		trembling[i].Time += int64(i%3) * -40e6
	}
	sameStory(t, want, trembling.analyse(t))
}

// The packets of a connection may come from interfaces of different kinds (pcapng).
func TestMixedLinkTypes(t *testing.T) {
	whole := chat(t)
	want := whole.analyse(t)
	mixed := slices.Clone(whole)
	kinds := []wrapping{{"", linkRaw, nil}}
	for _, w := range wrappings() {
		switch w.name {
		case "ethernet", "linux cooked", "linux cooked 2", "null", "pppoe", "802.11", "MPLS":
			kinds = append(kinds, w)
		}
	}
	for i := range mixed {
		if w := kinds[i%len(kinds)]; w.wrap != nil {
			mixed[i].Data, mixed[i].Link = w.wrap(0, whole[i].Data), w.link
			mixed[i].Length = uint32(len(mixed[i].Data))
		}
	}
	sameStory(t, want, mixed.analyse(t))
	sameStory(t, want, analyseBytes(t, mixed.pcapng()))
	// The same conversation captured on two interfaces at once, as with -i any.
	var both tape
	for i := range mixed {
		both = append(both, whole[i], mixed[i])
	}
	sameStory(t, want, both.analyse(t))
}

// A snap length that spares the heads leaves the list of handshakes whole.
func TestSnapLengthLeavesHandshakes(t *testing.T) {
	for _, path := range sampled(t, recordings(t)) {
		original := loadTape(t, path)
		want := original.analyse(t)
		longest := 0
		for _, h := range want.handshakes {
			for _, q := range []uint64{headLength(h.Request), headLength(h.Response)} {
				longest = max(longest, int(q))
			}
		}
		// 100 octets of headers below, and of HTTP/2 the preface and other frames.
		got := original.snapped(longest + 200).analyse(t)
		if len(got.handshakes) != len(want.handshakes) {
			t.Errorf("%s: %d handshakes of %d", path, len(got.handshakes), len(want.handshakes))
			continue
		}
		for i := range got.handshakes {
			if g, w := &got.handshakes[i], &want.handshakes[i]; g.Verdict != w.Verdict || head(g.Request) != head(w.Request) || head(g.Response) != head(w.Response) {
				t.Errorf("%s: %s %s %s, want %s", path, g.Verdict, head(g.Request), head(g.Response), w.Verdict)
			}
		}
	}
}

func headLength(h *event.Head) uint64 {
	if h == nil {
		return 0
	}
	return h.Length
}
