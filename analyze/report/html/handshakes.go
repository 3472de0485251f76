package html

import (
	"math"
	"strconv"
	"strings"

	"wshake/analyze/event"
	"wshake/analyze/report"
)

func (p *Page) Handshake(e *event.Handshake) {
	h := &handshake{Connection: p.connection(e.Conn, &e.At), Number: e.Conn.Ordinal, Stream: stream(e.Conn),
		Client: e.Conn.Peer[event.Client].String(), Server: e.Conn.Peer[event.Server].String(),
		Packet: e.At.Number, File: int(e.At.File), Transport: e.Transport, TLS: e.TLS, Verdict: e.Verdict.String()}
	h.Time, h.id = p.sees(e.At.Time), idOf(e.Conn)
	h.leg = report.LegOf(e)
	if e.OtherLeg != nil && e.OtherLeg.Role == event.CopyLeg {
		h.CopyOf = &e.OtherLeg.Conn.Ordinal
	}
	q, r := e.Request, e.Response
	if f := e.Forwarded; f != nil {
		h.Forwarded = &forwarded{Protocol: f.Protocol, Client: text(f.Client), Server: text(f.Server)}
	}
	if q != nil {
		h.Time = p.sees(q.First.Time)
		h.Host, h.Path = shown(q.Get("Host"), valueMost), shown(q.Target, pathMost)
		if authority, sent := q.Lookup(":authority"); sent && h.Host == "" { // RFC 9113 §8.3.1
			h.Host = shown(authority, valueMost)
		}
		if host, path, ok := absolute(q.Target); ok {
			h.Host, h.Path = shown(host, valueMost), shown(path, pathMost)
		}
	}
	if r != nil {
		h.Status = r.Status
	}
	if ns, known := e.Latency(); known {
		if ns >= 0 && q.Last.Time != event.NoTime && r.Last.Time != event.NoTime {
			h.Latency = &ns
			p.model.Latency.Counts[latencyBucket(ns)]++
		}
	}
	p.count(h)
	established := e.Verdict == event.Established
	side := event.Server
	if established {
		side = event.Client
	}
	if e.At.Time != event.NoTime {
		p.opened.message(h.Time, int(side), 0)
	}
	for _, f := range e.Findings {
		p.mark(h, p.group(f))
	}
	if !p.lists(established) {
		p.model.Rest.Handshakes++
		return
	}
	h.Request, h.Response = p.head(q), p.head(r)
	h.SNI, h.ALPN = text(e.SNI), text(e.ALPN)
	h.Version, h.Key, h.Accept, h.Expected, h.Protocol = text(e.Version), text(e.Key), text(e.Accept),
		text(e.AcceptExpected), text(e.Protocol)
	h.KeyValid, h.AcceptOK = truth(e.KeyValid), truth(e.AcceptValid)
	h.Offered, h.Asked, h.Extensions = texts(e.ProtocolsOffered), texts(e.ExtensionsOffered), texts(e.Extensions)
	if b := e.ResponseBody; b != nil {
		said := b.Text
		if !b.IsText {
			said = string(b.Octets)
		}
		said = shown(said, sentenceMost)
		h.Body = &said
	}
	if d := e.Deflate; d != nil {
		h.Deflate = &deflate{Bits: d.WindowBits, NoTakeover: d.NoContextTakeover}
	}
	p.model.Handshakes = append(p.model.Handshakes, h)
}

// mark names a finding of h once.
func (p *Page) mark(h *handshake, g *group) {
	for _, i := range h.Findings {
		if i == g.index {
			return
		}
	}
	h.Findings = append(h.Findings, g.index)
}

// lists reports whether there is room for another handshake. Half of the room is for those that failed, so that many
// which went well do not hide them.
func (p *Page) lists(established bool) bool {
	if len(p.model.Handshakes) == p.limits.Handshakes {
		return false
	}
	if established {
		return len(p.model.Handshakes)-p.failed < (p.limits.Handshakes+1)/2
	}
	p.failed++
	return true
}

// count adds h up, whether it is listed or not.
func (p *Page) count(h *handshake) {
	p.model.Verdicts[h.Verdict]++
	c := p.hosts[h.Host]
	if c == nil {
		if len(p.model.Hosts) == hostsCounted {
			p.model.Rest.Hosts++
			return
		}
		c = &hostCount{Name: h.Host, Outcome: make(map[string]int64)}
		p.hosts[h.Host] = c
		p.model.Hosts = append(p.model.Hosts, c)
	}
	c.Attempts++
	outcome := h.Verdict
	if h.Status > 0 && h.Verdict == event.Refused.String() {
		outcome = strconv.Itoa(h.Status)
	}
	c.Outcome[outcome]++
	if h.Verdict != event.Established.String() {
		c.Failed++
	}
}

// head copies h as the page shows it.
func (p *Page) head(h *event.Head) *head {
	if h == nil {
		return nil
	}
	m := &head{First: p.sees(h.First.Time), Last: p.sees(h.Last.Time), Packet: h.Last.Number, Fields: [][2]string{}}
	line, fields := report.Sanitise(h.StartLine), make([][2]string, len(h.Fields))
	size := len(line)
	for i := range h.Fields {
		fields[i] = [2]string{report.Sanitise(h.Fields[i].Name), report.Sanitise(h.Fields[i].Value)}
		size += len(fields[i][0]) + len(fields[i][1])
	}
	if p.heads+size > p.limits.Heads {
		p.model.Rest.Heads++
		m.Left = true
		return m
	}
	p.heads += size
	m.Line, m.Fields = line, fields
	for i := range h.Fields {
		f := &h.Fields[i]
		for _, odd := range []struct {
			bit  event.Anomaly
			says string
		}{
			{event.Folded, "is folded over several lines"}, {event.SpaceBeforeColon, "has blanks before its colon"},
			{event.NoColon, "has no colon"}, {event.BadName, "has a name that is not a token"},
		} {
			if f.Anomalies&odd.bit != 0 {
				m.Odd = append(m.Odd, "line "+strconv.Itoa(i+2)+" "+odd.says)
			}
		}
	}
	for _, odd := range []struct {
		n    int
		says string
	}{
		{h.BareLF, "line ends of LF alone"}, {h.BareCR, "CR without LF"},
		{h.EmptyLines, "empty lines before the start line"},
	} {
		if odd.n > 0 {
			m.Odd = append(m.Odd, strconv.Itoa(odd.n)+" "+odd.says)
		}
	}
	if h.Cut != event.Whole {
		m.Odd = append(m.Odd, "the head is not whole: what is missing may have been sent")
	}
	return m
}

func truth(o event.Opt[bool]) *bool {
	if !o.Known {
		return nil
	}
	return &o.Value
}

// absolute takes a request target in absolute form apart (RFC 9112 §3.2.2).
func absolute(target string) (host, path string, ok bool) {
	_, rest, ok := strings.Cut(target, "://")
	if !ok || strings.HasPrefix(target, "/") {
		return "", "", false
	}
	host, path, found := strings.Cut(rest, "/")
	if found {
		path = "/" + path
	}
	return host, path, true
}

// latencyBucket is the bucket of a latency: ten to a decade from 1 µs on, the last one for all that is longer.
func latencyBucket(ns int64) int {
	us := max(float64(ns)/1e3, 1)
	return min(int(math.Log10(us)*10), latencyBuckets-1)
}
