package check

import (
	"net/netip"
	"strings"

	"wshake/analyze/event"
	"wshake/analyze/ws"
)

// AcceptExplainer adds to findings of accept-mismatch how the wrong value came about. To find that out costs some fifty
// hashes, and over a thousand for a misspelt GUID, so it is done only so often for each server and in a run; a server
// that makes one mistake makes it always, so what was found is tried first, at the cost of one hash. It is used behind
// the merge, from one goroutine, so that what is explained does not depend on the number of workers.
type AcceptExplainer struct {
	servers  map[netip.AddrPort]*serverMistakes
	tries    int
	searches int // for a misspelt GUID
}

const (
	explainedPerServer = 16
	explainedPerRun    = 512
	misspeltPerServer  = 2
	misspeltPerRun     = 32
)

// serverMistakes is what is known of one server.
type serverMistakes struct {
	tries int
	why   string                                  // the newest explanation
	again func(keys []string, accept string) bool // whether the same mistake explains another value, nil where that cannot be told
}

// Explain completes the text of f.
func (e *AcceptExplainer) Explain(f *event.Finding, h *event.Handshake) {
	if h.Request == nil {
		return
	}
	keys, accept := h.Request.Values("Sec-WebSocket-Key"), f.Seen
	if len(keys) == 0 {
		return
	}
	m := e.servers[h.Conn.Peer[event.Server]]
	if m == nil {
		if e.tries >= explainedPerRun {
			return
		}
		if e.servers == nil {
			e.servers = make(map[netip.AddrPort]*serverMistakes)
		}
		m = new(serverMistakes)
		e.servers[h.Conn.Peer[event.Server]] = m
	}
	if m.again != nil && m.again(keys, accept) {
		explained(f, m.why)
		return
	}
	if m.tries >= explainedPerServer || e.tries >= explainedPerRun {
		if why := spoiltAccept(keys, accept); why != "" { // which costs one hash
			explained(f, why)
		}
		return
	}
	m.tries++
	e.tries++
	why := explainAccept(keys, accept)
	if why == "" && m.tries <= misspeltPerServer && e.searches < misspeltPerRun {
		e.searches++
		why = misspeltAccept(keys, accept)
	}
	if why == "" {
		return
	}
	explained(f, why)
	m.why, m.again = why, sameMistake(keys, accept, why)
}

// explained adds to f how its value came about, and the advice for that where it had but the general one.
func explained(f *event.Finding, why string) {
	f.Text += ": it " + why
	if advice := acceptAdvice(why); advice != "" && f.Advice == checkAcceptMismatch.Advice {
		f.Advice = advice
	}
}

// sameMistake tells, by a hash or two, whether the mistake that made accept of keys also makes another value.
func sameMistake(keys []string, accept, why string) func([]string, string) bool {
	if _, guid, misspelt := strings.Cut(why, misspeltGUIDMark); misspelt {
		return func(keys []string, accept string) bool { return accept == base64SHA1(keys[0]+guid) }
	}
	for i, v := range wrongTexts(keys[0]) {
		switch {
		case v.text == keys[0]+ws.GUID:
		case accept == base64SHA1(v.text):
			return func(keys []string, accept string) bool { return accept == base64SHA1(wrongTexts(keys[0])[i].text) }
		case accept == base64OfHex(v.text):
			return func(keys []string, accept string) bool { return accept == base64OfHex(wrongTexts(keys[0])[i].text) }
		}
	}
	return nil
}
