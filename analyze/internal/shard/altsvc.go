package shard

import (
	"net/netip"
	"strconv"
	"strings"

	"wshake/analyze/event"
)

// AltService is an offer of HTTP/3 that a server made in an answer (RFC 7838 §3): the client may ask there from now on,
// also for a WebSocket.
type AltService struct {
	Server netip.Addr // that made it
	Host   string     // that it names in place of its own, "" for none
	Port   uint16     // of UDP
	At     event.At   // the answer
}

// altServicesKept bounds the offers that are remembered of a shard: one server makes the same with each answer.
const altServicesKept = 256

// AltService takes the value of an Alt-Svc field of a server's answer.
func (s *Shard) AltService(c *event.Conn, value string, at event.At) {
	for offer := range strings.SplitSeq(value, ",") {
		a, ok := parseAltService(offer)
		if !ok {
			continue
		}
		a.Server, a.At = c.Peer[event.Server].Addr(), at
		known := false
		for i := range s.AltServices {
			o := &s.AltServices[i]
			known = known || o.Server == a.Server && o.Host == a.Host && o.Port == a.Port
		}
		if !known && len(s.AltServices) < altServicesKept {
			s.AltServices = append(s.AltServices, a)
		}
	}
}

// parseAltService reads one offer, such as h3=":443"; ma=86400. ok is false where it is not of HTTP/3.
func parseAltService(offer string) (a AltService, ok bool) {
	const longestName = 255
	protocol, rest, _ := strings.Cut(strings.TrimLeft(offer, " \t"), "=")
	if protocol != "h3" && !strings.HasPrefix(protocol, "h3-") {
		return a, false
	}
	authority, _, _ := strings.Cut(rest, ";")
	authority = strings.Trim(strings.TrimSpace(authority), `"`)
	colon := strings.LastIndexByte(authority, ':')
	if colon < 0 || colon > longestName {
		return a, false
	}
	port, err := strconv.ParseUint(authority[colon+1:], 10, 16)
	if err != nil || port == 0 {
		return a, false
	}
	return AltService{Host: strings.ToLower(authority[:colon]), Port: uint16(port)}, true
}
