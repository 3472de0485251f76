package redact

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"wshake/analyze/event"
)

// Scope says what is hidden.
type Scope uint8

const (
	// All hides payloads, and reasons of closing, whatever is in them.
	All Scope = iota
	// Heads shows payloads as they are, and hides in reasons of closing what is known to be a secret.
	Heads
)

// Receiver gives events without secrets to another receiver. It changes none of those that it is given.
type Receiver struct {
	to    event.Receiver
	scope Scope
	// hidden are values that were hidden in the handshakes of the connections met last, which findings may quote.
	hidden [512]struct {
		conn   uint64
		values []string
	}
}

// To makes a Receiver in front of to.
func To(to event.Receiver, scope Scope) *Receiver { return &Receiver{to: to, scope: scope} }

func (r *Receiver) Handshake(h *event.Handshake) {
	shown := *h
	found := func(value string) { r.hide(h.Conn, value) }
	shown.ALPN, shown.Version = text(h.ALPN), text(h.Version)
	for _, o := range []*event.Opt[string]{&shown.Key, &shown.Accept, &shown.AcceptExpected} {
		o.Value = key(o.Value)
	}
	shown.ProtocolsOffered.Value = list(h.ProtocolsOffered.Value, protocols)
	for i, p := range h.ProtocolsOffered.Value {
		if shown.ProtocolsOffered.Value[i] != p {
			found(p)
		}
	}
	shown.Request, shown.Response = head(h.Request, found), head(h.Response, found)
	if shown.Response != nil { // what it echoes may be known only from the request
		for i := range shown.Response.Fields {
			if f := &shown.Response.Fields[i]; slices.Contains(r.of(h.Conn), f.Value) {
				f.Value = Mask(f.Value)
			}
		}
	}
	shown.Protocol.Value = protocols([]string{h.Protocol.Value})[0]
	if slices.Contains(r.of(h.Conn), h.Protocol.Value) {
		shown.Protocol.Value = Mask(h.Protocol.Value)
	}
	shown.ExtensionsOffered.Value = list(h.ExtensionsOffered.Value, extensions)
	shown.Extensions.Value = list(h.Extensions.Value, extensions)
	if f := h.Forwarded; f != nil {
		told := *f
		told.Client.Value, told.Server.Value = target(f.Client.Value), target(f.Server.Value)
		shown.Forwarded = &told
	}
	shown.Evidence = event.Evidence{}
	shown.ResponseBody = nil // a body may hold anything
	if h.Findings != nil {
		shown.Findings = make([]*event.Finding, len(h.Findings))
		for i, f := range h.Findings {
			shown.Findings[i] = r.finding(f)
		}
	}
	r.to.Handshake(&shown)
}

func (r *Receiver) Frame(f *event.Frame) {
	shown := *f
	shown.Reason, shown.Payload = r.reason(f.Reason), r.payload(f.Payload)
	r.to.Frame(&shown)
}

// guessable messages, of fewer octets, have no digest: who tries all PINs finds the one that fits.
const guessable = 64

func (r *Receiver) Message(m *event.Message) {
	shown := *m
	shown.Payload, shown.App = r.payload(m.Payload), r.app(m.App)
	if r.scope == All {
		shown.Matches, shown.MoreFound = nil, 0
		if m.Length.Value < guessable {
			shown.SHA256, shown.Undigested = event.Opt[[32]byte]{}, false
		}
	}
	r.to.Message(&shown)
}

func (r *Receiver) Connection(c *event.Connection) {
	shown := *c
	if c.Close != nil {
		last := *c.Close
		last.Reason = r.reason(c.Close.Reason)
		shown.Close = &last
	}
	if c.TLS != nil {
		tls := *c.TLS
		tls.ALPN, tls.ALPNOffered = Text(tls.ALPN), list(tls.ALPNOffered, texts)
		shown.TLS = &tls
	}
	r.to.Connection(&shown)
}

func (r *Receiver) Finding(f *event.Finding) { r.to.Finding(r.finding(f)) }

func (r *Receiver) Caveat(c *event.Caveat) {
	shown := *c
	shown.Text = r.sentence(c.Conn, c.Text)
	r.to.Caveat(&shown)
}

func (r *Receiver) Summary(s *event.Summary) {
	shown := *s
	shown.Unread = slices.Clone(s.Unread)
	for i := range shown.Unread {
		shown.Unread[i].What = Text(shown.Unread[i].What)
	}
	shown.Hosts = slices.Clone(s.Hosts)
	for i := range shown.Hosts {
		shown.Hosts[i].Name = hostName(shown.Hosts[i].Name)
	}
	r.to.Summary(&shown)
}

func (r *Receiver) finding(f *event.Finding) *event.Finding {
	shown := *f
	shown.Host = hostName(f.Host)
	if r.scope == All && saysPayload(f) {
		for _, s := range []*string{&shown.Text, &shown.Seen, &shown.Wanted} {
			*s = quoted().ReplaceAllStringFunc(*s, func(q string) string { return Mask(q[1 : len(q)-1]) })
		}
	}
	if f.Name == "overlap-conflict" && r.scope == All { // it shows octets of the stream, and names them in its text
		for _, copied := range []*string{&shown.Seen, &shown.Wanted} {
			hidden := Mask(*copied)
			if *copied != "" {
				shown.Text = strings.ReplaceAll(shown.Text, *copied, hidden)
			}
			*copied = hidden
		}
	}
	if r.scope == All {
		for _, s := range []*string{&shown.Text, &shown.Seen, &shown.Wanted} {
			*s = octets().ReplaceAllStringFunc(*s, Mask)
			*s = quoted().ReplaceAllStringFunc(*s, func(q string) string {
				if strings.Contains(q, `\x`) { // it may be of frames, and not of a head
					return `"` + Mask(q[1:len(q)-1]) + `"`
				}
				return q
			})
		}
	}
	for _, value := range []*string{&shown.Seen, &shown.Wanted} { // not quoted: it may be of frames, too
		if r.scope == All && (strings.ContainsFunc(*value, control) || !utf8.ValidString(*value)) {
			*value = Mask(*value)
		}
	}
	if strings.HasSuffix(f.Name, "-malformed") { // it quotes a piece of a value, which may begin anywhere
		shown.Text = quoted().ReplaceAllStringFunc(shown.Text, func(q string) string {
			if piece := q[1 : len(q)-1]; strings.ContainsFunc(piece, notInHost) {
				return `"` + Mask(piece) + `"`
			}
			return q
		})
	}
	subprotocol := strings.Contains(f.Name, "subprotocol") || strings.Contains(f.Text, "Sec-WebSocket-Protocol") || strings.Contains(f.Text, "subprotocol")
	for _, s := range []*string{&shown.Text, &shown.Seen, &shown.Wanted, &shown.Advice} {
		if subprotocol {
			*s = quoted().ReplaceAllStringFunc(*s, func(q string) string {
				return `"` + strings.Join(protocols(strings.Split(q[1:len(q)-1], ",")), ",") + `"`
			})
		}
		*s = r.sentence(f.Conn, *s)
	}
	if subprotocol {
		shown.Seen = strings.Join(protocols(strings.Split(shown.Seen, ",")), ",")
		shown.Wanted = strings.Join(protocols(strings.Split(shown.Wanted, ",")), ",")
	}
	return &shown
}

// saysPayload reports whether a finding may quote octets of frames, or octets that nothing is known of.
func saysPayload(f *event.Finding) bool {
	group, _, _ := strings.Cut(f.ID, "-")
	return payloadGroups[group] || quotesPayload[f.Name]
}

// payloadGroups are the groups of checks that are about frames and what they carry.
var payloadGroups = map[string]bool{"FRM": true, "CLS": true, "APP": true}

// quotesPayload are the findings of other groups that quote such octets.
var quotesPayload = map[string]bool{"tunnel": true, "data-before-answer": true, "request-smuggling": true, "frames-after-refusal": true,
	"answer-not-http": true, "not-websocket": true, "goaway": true, "proxy-protocol": true}

// oneLine leaves of a quotation what stands before the first end of a line: another field may be hidden behind it.
func oneLine(q string) string {
	i := strings.Index(q, `\r`)
	if j := strings.Index(q, `\n`); j >= 0 && (i < 0 || j < i) {
		i = j
	}
	if i < 0 {
		return q
	}
	return q[:i] + Mask(q[i:len(q)-1]) + `"`
}

var (
	// quoted is what a sentence quotes.
	quoted = lazily(`"(?:[^"\\]|\\.)*"`)
	// octets are some, in hexadecimal.
	octets = lazily(`\b[0-9a-f]{2}(?: [0-9a-f]{2})+\b`)
	// cutUser may be the user of a URL in a quotation that was cut before its mark.
	cutUser = lazily(`//[^/?#\s"'<>\[\]@…]*:[^/?#\s"'<>\[\]@…]*[^0-9/?#\s"'<>\[\]@…][^/?#\s"'<>\[\]@…]*(?:"…|…)`)
	// reasonSaid is a reason of closing that a sentence quotes.
	reasonSaid = lazily(`(reason )"((?:[^"\\]|\\.)*)("?)`)
	// bodySaid is a piece of a body that a sentence quotes: a body may hold anything.
	bodySaid = lazily(`(says )"((?:[^"\\]|\\.)*)("?)`)
	// fieldLine is a field line inside a quotation, up to its end.
	fieldLine = lazily(`(["\s])([A-Za-z][\w%-]*)([ \t]*(?:\\t)*:[ \t]*)((?:[^"\\]|\\.)+)`)
)

// notInHost reports whether a character cannot stand in a host with its port.
func notInHost(c rune) bool {
	return !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.ContainsRune(".-_:[]", c))
}

// hostName hides what was sent for a host, but cannot be one. Of the leg to a backend it says so behind the name.
func hostName(s string) string {
	if s == event.OtherHosts {
		return s
	}
	name, words, _ := strings.Cut(s, " (")
	if strings.ContainsFunc(name, notInHost) {
		return Mask(s)
	}
	if words != "" && words != "backend)" {
		return Mask(s)
	}
	return target(s)
}

// sentence takes secrets out of a sentence about a connection.
func (r *Receiver) sentence(c *event.Conn, s string) string {
	for _, value := range r.of(c) {
		s = withoutValue(s, value)
	}
	if r.scope == All {
		s = reasonSaid().ReplaceAllStringFunc(s, func(q string) string {
			part := reasonSaid().FindStringSubmatch(q)
			return part[1] + Mask(part[2])
		})
	}
	s = quoted().ReplaceAllStringFunc(s, oneLine)
	s = cutUser().ReplaceAllStringFunc(s, func(u string) string {
		end := strings.IndexAny(u, `"…`)
		return "//" + Mask(u[2:end]) + u[end:]
	})
	s = bodySaid().ReplaceAllStringFunc(s, func(q string) string {
		part := bodySaid().FindStringSubmatch(q)
		return part[1] + Mask(part[2])
	})
	s = fieldLine().ReplaceAllStringFunc(s, func(line string) string {
		part := fieldLine().FindStringSubmatch(line)
		if hides(part[2]) {
			return part[1] + part[2] + part[3] + Mask(part[4])
		}
		return line
	})
	return reading{keys: true}.text(s)
}

// quotedOctets is how much of a value a sentence quotes at least before it cuts it.
const quotedOctets = 48

// withoutValue hides a value where a sentence quotes it, whole or cut. What could be a word of the sentence itself
// counts only in quotes.
func withoutValue(s, value string) string {
	escaped := strconv.Quote(value)
	spellings := []string{value, escaped[1 : len(escaped)-1]}
	if isWord(value) {
		spellings = []string{escaped}
	}
	for _, v := range slices.Compact(spellings) {
		whole := len(v) <= quotedOctets
		v = v[:min(len(v), quotedOctets)]
		var shown strings.Builder
		for {
			before, after, found := strings.Cut(s, v)
			if !found {
				break
			}
			if !whole { // the rest of it follows
				n := strings.IndexByte(after, '"')
				if n < 0 {
					n = len(after)
				}
				after = after[n:]
			}
			shown.WriteString(before + Mask(value))
			s = after
		}
		s = shown.String() + s
	}
	return s
}

func isWord(s string) bool {
	for i := range len(s) {
		if s[i] < 'a' || s[i] > 'z' {
			return false
		}
	}
	return true
}

func (r *Receiver) payload(p event.Payload) event.Payload {
	if r.scope == All {
		return event.Payload{}
	}
	return p
}

// app leaves the words of the program's own lists: the others are what a payload says.
func (r *Receiver) app(a *event.App) *event.App {
	if r.scope != All || a == nil {
		return a
	}
	kind := Text(a.Type)
	return &event.App{Protocol: Text(a.Protocol), Type: kind, Text: kind, Failed: a.Failed}
}

func (r *Receiver) reason(s event.Opt[string]) event.Opt[string] {
	if r.scope == All && s.Value != "" {
		return event.Some(Mask(s.Value))
	}
	return text(s)
}

func text(s event.Opt[string]) event.Opt[string] {
	s.Value = Text(s.Value)
	return s
}

// list keeps a list that was not seen apart from an empty one.
func list(l []string, hide func([]string) []string) []string {
	if l == nil {
		return nil
	}
	return hide(l)
}

func texts(l []string) []string {
	shown := make([]string, len(l))
	for i, s := range l {
		shown[i] = Text(s)
	}
	return shown
}

// Values that were hidden whole, of one connection.
const (
	valuesKept = 16
	// shortestValue is what may be looked for in sentences without hiding their own words, octets.
	shortestValue = 6
)

func (r *Receiver) hide(c *event.Conn, value string) {
	if c == nil || len(value) < shortestValue {
		return
	}
	h := &r.hidden[c.Ordinal%uint64(len(r.hidden))]
	if h.conn != c.Ordinal {
		h.conn, h.values = c.Ordinal, nil
	}
	if len(h.values) < valuesKept && !slices.Contains(h.values, value) {
		h.values = append(h.values, value)
	}
}

func (r *Receiver) of(c *event.Conn) []string {
	if c == nil {
		return nil
	}
	if h := &r.hidden[c.Ordinal%uint64(len(r.hidden))]; h.conn == c.Ordinal {
		return h.values
	}
	return nil
}
