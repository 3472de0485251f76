package report

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"wshake/analyze/event"
)

// Events in words. What they return is sanitised unless it says otherwise.

// arrow shows which way something went, with the client on the left.
func arrow(from event.Side) string { return [2]string{event.Client: "→", event.Server: "←"}[from] }

func between(c *event.Conn) string {
	if c == nil {
		return ""
	}
	return c.Peer[event.Client].String() + " → " + c.Peer[event.Server].String()
}

// answer is the status and the verdict: 101 established.
func answer(h *event.Handshake) string {
	verdict := h.Verdict.String()
	if h.Verdict == event.Invalid {
		verdict = "INVALID"
	}
	if h.Response == nil || h.Response.Status == 0 {
		return verdict
	}
	return strconv.Itoa(h.Response.Status) + " " + verdict
}

func verdictTint(v event.Verdict) tint {
	return [event.Verdicts]tint{event.Established: good, event.Refused: doubtful, event.Invalid: bad, event.Incomplete: doubtful}[v]
}

func levelTint(l event.Level) tint {
	return [event.Levels]tint{event.Warning: doubtful, event.Error: bad}[l]
}

// began is when the first octet of a handshake was seen, ns since the epoch.
func began(h *event.Handshake) int64 {
	switch {
	case h.Request != nil:
		return h.Request.First.Time
	case h.Response != nil:
		return h.Response.First.Time
	}
	return h.At.Time
}

// target is where a request went, as sent: host and path.
func target(q *event.Head) string {
	if q == nil {
		return ""
	}
	if strings.HasPrefix(q.Target, "/") {
		return q.Authority() + q.Target
	}
	return q.Target
}

// keyAccept judges the key and its answer, "" where there is nothing to judge: HTTP/2 has neither (RFC 8441 §5).
func keyAccept(h *event.Handshake) (string, tint) {
	switch {
	case h.Transport != "http/1.1" || h.Verdict == event.OtherUpgrade:
		return "", plain
	case whole(h.Request) && !h.Key.Known:
		return "no key", bad
	case h.KeyValid.Known && !h.KeyValid.Value:
		return "bad key", bad
	case whole(h.Response) && h.Response.Status == 101 && !h.Accept.Known:
		return "no accept", bad
	case h.AcceptValid.Known && !h.AcceptValid.Value:
		return "mismatch", bad
	case h.AcceptValid.Known:
		return "valid", plain
	}
	return "", plain
}

// whole reports whether h was seen to its end, so that a field it lacks was not sent.
func whole(h *event.Head) bool { return h != nil && h.Cut == event.Whole }

// extensionNames gives the names of the accepted extensions, of permessage-deflate the usual initials. As sent.
func extensionNames(h *event.Handshake) string {
	var names []string
	for _, e := range h.Extensions.Value {
		name, _, _ := strings.Cut(e, ";")
		if name = strings.TrimRight(name, " \t"); name == "permessage-deflate" {
			name = "pmd"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// framePhrase describes a frame: text 120 B, not final, rsv1.
func framePhrase(e *event.Frame) string {
	h := &e.Header
	b := []byte(h.Opcode.String())
	if h.Opcode == event.OpClose {
		b = append(b, closePhrase(e.Code, e.Reason)...)
	} else {
		b = append(append(b, ' '), size(h.Length)...)
	}
	if !h.FIN {
		b = append(b, ", not final"...)
	}
	for i, bit := range [...]event.RSV{event.RSV1, event.RSV2, event.RSV3} {
		if h.RSV&bit != 0 {
			b = fmt.Appendf(b, ", rsv%d", i+1)
		}
	}
	if h.Masked != (e.From == event.Client) {
		b = append(b, [2]string{event.Client: ", unmasked", event.Server: ", masked"}[e.From]...)
	}
	if !e.Complete {
		b = append(b, ", incomplete"...)
	}
	return string(b)
}

// closePhrase follows the word close: its code, the name of that and the reason.
func closePhrase(code event.Opt[uint16], reason event.Opt[string]) string {
	if !code.Known {
		return " without code"
	}
	s := fmt.Sprintf(" %d %s", code.Value, event.CloseCode(code.Value))
	if reason.Value != "" {
		s += ` "` + Sanitise(reason.Value) + `"`
	}
	return s
}

// messagePhrase describes a message: text 120 B, 2 frames, compressed to 31 B, json.
func messagePhrase(e *event.Message) string {
	s := e.Opcode.String()
	if e.Length.Known {
		s += " " + size(e.Length.Value)
	} else {
		s += " of unknown length"
	}
	if e.Frames != 1 {
		s += ", " + count(uint64(e.Frames), "frame")
	}
	if e.Compressed {
		s += ", compressed to " + size(e.WireLength)
	}
	if e.Unknown > 0 {
		s += ", " + size(e.Unknown) + " of it unknown"
	}
	if e.Kind != "" {
		s += ", " + Sanitise(e.Kind)
	}
	if !e.Complete {
		s += ", incomplete"
	}
	if e.SHA256.Known && !e.Payload.Kept { // which tells messages apart without showing them
		s += ", sha256 " + hex.EncodeToString(e.SHA256.Value[:])
	}
	return s
}

// appPhrase says what a message says: mqtt: PUBLISH sensors/kitchen, QoS 1, id 5.
func appPhrase(a *event.App) string { return Sanitise(a.Protocol + ": " + a.Text) }

// ending says how a connection ended: server close 1000 normal closure "bye".
func ending(e *event.Connection) string {
	s := e.Ended.String()
	if e.EndedBy.Known {
		s = e.EndedBy.Value.String() + " " + s
	}
	if t := e.TLS; t != nil && !e.WebSocket {
		s += "; " + securedPhrase(t)
	}
	c := e.Close
	if c == nil {
		return s
	}
	said := c.From.String() + " close" + closePhrase(c.Code, c.Reason)
	switch {
	case e.Ended == event.EndedClose:
		return said
	case !c.Answered:
		return said + ", not answered; " + s
	}
	return said + "; " + s
}

// securedPhrase names what TLS a connection had that carries no WebSocket, or none that can be seen.
func securedPhrase(t *event.TLS) string {
	s := "TLS"
	if t.Version != "" {
		s = t.Version + " " + t.Suite
	}
	if t.SNI != "" {
		s += " for " + t.SNI
	}
	if t.ALPN != "" {
		s += ", " + t.ALPN
	}
	if !t.Decrypted {
		s += ", not decrypted"
	}
	return s
}

// sent says what one side sent after the handshake.
func sent(s *event.SideCount) string {
	said := count(s.Frames, "frame") + ", " + size(s.PayloadBytes)
	if s.GapBytes > 0 {
		said += ", " + size(s.GapBytes) + " lost"
	}
	return said
}

// handshakePhrase says where an upgrade went and what was agreed on.
func handshakePhrase(h *event.Handshake) string {
	s := between(h.Conn)
	if q := h.Request; q != nil {
		s += "  " + q.Method + " " + target(q)
	}
	if h.Protocol.Value != "" {
		s += "  " + h.Protocol.Value
	}
	if names := extensionNames(h); names != "" {
		s += "  " + names
	}
	return sentence(s)
}

// connectionPhrase sums a connection up.
func connectionPhrase(e *event.Connection) string {
	s := ending(e) + "; lasted " + span(e.Duration) + "; "
	for side := range e.Sides {
		s += event.Side(side).String() + " sent " + sent(&e.Sides[side]) + "; "
	}
	return s + between(e.Conn)
}

// findingParagraph and caveatParagraph tell of one event in the line of a log.
func findingParagraph(f *event.Finding) paragraph {
	return paragraph{word: f.Level.String(), tint: levelTint(f.Level), text: " " + f.Name + ": " + sentence(f.Text)}
}

func caveatParagraph(c *event.Caveat) paragraph {
	return paragraph{word: "caveat", tint: doubtful, text: " " + c.Name + ": " + sentence(c.Text)}
}
